import { ProviderFailure } from '../../../domain/failure';
import type { KeyRef } from '../../../domain/ids';
import type { StatementVerifier } from '../../../domain/ports/authority';
import type { PlatformKeyControl } from '../../../domain/ports/platform';
import { type FakePlatform, platformRef } from '../../fakes/key-service';

/** The operator's key service as the platform process reaches it: what can't be undone demands the signed word for it. */
export function guardedControl(platform: FakePlatform, statements: StatementVerifier): PlatformKeyControl {
  const demand = async (keyRef: KeyRef, jws: string): Promise<void> => {
    const { organization, custody } = await statements.custody(jws);
    if (custody !== 'customer' || !keyRef.includes(organization))
      throw new ProviderFailure('STATEMENT_INVALID');
  };
  return {
    create: platform.create,
    state: platform.state,
    refusesUnwrap: platform.refusesUnwrap,
    async retireSpare(organization, offboarding, jws) {
      await demand(platformRef(organization, offboarding), jws);
      return platform.retireSpare(organization, offboarding, jws);
    },
    async disable(keyRef, jws) {
      await demand(keyRef, jws);
      return platform.disable(keyRef);
    },
    async scheduleDeletion(keyRef, jws) {
      await demand(keyRef, jws);
      return platform.scheduleDeletion(keyRef);
    },
  };
}

/** What the key service says of each key that was ever made in it. */
export const statesOf = ({ ring }: Pick<FakePlatform, 'ring'>): ReadonlyMap<string, string> =>
  new Map([...ring.keys].map(([keyRef, { state }]) => [keyRef, state]));
