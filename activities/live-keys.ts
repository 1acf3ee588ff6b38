import type { EnvelopeRecord } from '../domain/custody';
import { ProviderFailure } from '../domain/failure';
import type { KeyVersion } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import type { Unwrapped } from '../domain/ports/provider';
import { type CustodyInUse, liveEnvelope } from './custody-in-use';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';
import { workspaceKeyContext } from './wrapping';

type Deps = Pick<CustodyDeps, 'store' | 'provider' | 'statements' | 'settings'>;

/**
 * Unwraps every live envelope under the customer's key, and compares its check value; nothing of it is kept.
 * @throws ProviderFailure
 */
export async function proveLiveKeys(deps: Deps, inUse: CustodyInUse): Promise<readonly KeyVersion[]> {
  const { organization } = inUse.statement;
  for (const version of inUse.versions) {
    const { wrapped, signed } = await liveEnvelope(deps, inUse, version);
    const context = workspaceKeyContext(organization, version);
    const signal = callSignal(deps.settings.providerCallMs);
    demandKey(await deps.provider.unwrap(inUse.connection, wrapped, signed.keyRef, context, signal), signed);
  }
  return inUse.versions;
}

/** What was unwrapped is the key that its envelope is of; it isn't kept. @throws ProviderFailure CHECK_VALUE_MISMATCH */
export function demandKey(
  { bytes }: Pick<Unwrapped, 'bytes'>,
  { organization, version, checkValue }: Pick<EnvelopeRecord, 'organization' | 'version' | 'checkValue'>,
): void {
  try {
    if (checkValueOf(bytes, organization, version) !== checkValue)
      throw new ProviderFailure('CHECK_VALUE_MISMATCH');
  } finally {
    bytes.fill(0);
  }
}
