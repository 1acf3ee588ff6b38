import type { EnvelopeRecord } from '../domain/custody';
import { ProviderFailure } from '../domain/failure';
import type { KeyVersion, Sha256Hex } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import type { Unwrapped } from '../domain/ports/provider';
import { type CustodyInUse, liveEnvelope } from './custody-in-use';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';
import { workspaceKeyContext } from './wrapping';

type Deps = Pick<CustodyDeps, 'store' | 'provider' | 'statements' | 'settings'>;

/** A workspace key version, as the live envelope and its statement give it. Whoever asked zeroes it. */
export interface Opened {
  readonly bytes: Uint8Array;
  readonly wrappedSha256: Sha256Hex;
  readonly checkValue: Sha256Hex;
}

/**
 * Unwraps a live envelope under the customer's key in use: the very key that was wrapped, or nothing.
 * @throws ProviderFailure
 */
export async function openLive(deps: Deps, inUse: CustodyInUse, version: KeyVersion): Promise<Opened> {
  const { organization } = inUse.statement;
  const { wrapped, signed } = await liveEnvelope(deps, inUse, version);
  const unwrapped = await deps.provider.unwrap(
    inUse.connection,
    wrapped,
    signed.keyRef,
    workspaceKeyContext(organization, version),
    callSignal(deps.settings.providerCallMs),
  );
  demandKey(unwrapped, signed);
  const { wrappedSha256, checkValue } = signed;
  return { bytes: unwrapped.bytes, wrappedSha256, checkValue };
}

/**
 * Unwraps every live envelope under the customer's key, and compares its check value; nothing of it is kept.
 * @throws ProviderFailure
 */
export async function proveLiveKeys(deps: Deps, inUse: CustodyInUse): Promise<readonly KeyVersion[]> {
  for (const version of inUse.versions) (await openLive(deps, inUse, version)).bytes.fill(0);
  return inUse.versions;
}

/** What was unwrapped is the key that its envelope is of; else it's zeroed. @throws ProviderFailure CHECK_VALUE_MISMATCH */
export function demandKey(
  { bytes }: Pick<Unwrapped, 'bytes'>,
  { organization, version, checkValue }: Pick<EnvelopeRecord, 'organization' | 'version' | 'checkValue'>,
): void {
  if (checkValueOf(bytes, organization, version) === checkValue) return;
  bytes.fill(0);
  throw new ProviderFailure('CHECK_VALUE_MISMATCH');
}
