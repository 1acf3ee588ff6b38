import type { ProviderCode } from '../../../domain/codes';
import { optional } from '../../harness/optional';
import {
  type BadInput,
  type OffSwitch,
  ordinaryUse,
  type ProviderFixture,
  refusals,
  revocation,
} from '../provider-contract/contract';

/** How long a real service may take to enforce what its owner changed. */
const PATIENCE_MS = 120_000;

export interface RealCloud<F extends ProviderFixture> {
  /** What is missing to reach it; `null`: nothing. */
  readonly missing: string | null;
  readonly start: () => Promise<F>;
  readonly notThisEnvelope: ProviderCode;
  readonly badInputs: readonly BadInput<F>[];
  readonly offSwitches: readonly OffSwitch<F>[];
  /** What is missing to switch the key's states; `null`: nothing. */
  readonly adminMissing: string | null;
}

/** The provider contract, but for what only an emulator can be made to do, at a customer's real account. */
export function realCloudContract<F extends ProviderFixture>(name: string, cloud: RealCloud<F>): void {
  const { missing, adminMissing, start, notThisEnvelope, badInputs, offSwitches } = cloud;
  let current: F;
  const fixture = (): F => current;
  const group = (what: string, lacks: string | null, tests: () => void) =>
    optional(`provider contract: ${name}, ${what}`, lacks, () => {
      beforeAll(async () => {
        current = await start();
      });
      afterAll(() => current?.close());
      tests();
    });

  group('ordinary use', missing, () => ordinaryUse(fixture, notThisEnvelope));
  group('bad input', missing, () => refusals(fixture, badInputs));
  const lacks = [missing, adminMissing].filter((each) => each !== null);
  group('off-switches', lacks.length === 0 ? null : lacks.join('; '), () =>
    revocation(fixture, offSwitches, PATIENCE_MS),
  );
}
