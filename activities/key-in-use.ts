import { ProviderFailure, Refusal } from '../domain/failure';
import type { KeyVersion, Sha256Hex } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import type { FormerConnection } from '../domain/plan';
import { type CustodyInUse, custodyInUse, liveEnvelope } from './custody-in-use';
import type { CustodyDeps } from './deps';
import { callSignal, isRetried } from './edge';
import { proveLiveKeys } from './live-keys';
import type { Place } from './step';
import { workspaceKeyContext } from './wrapping';

type Deps = Pick<CustodyDeps, 'store' | 'statements' | 'provider' | 'settings'>;

/** A workspace key version, as the live envelope and its statement give it. Whoever asked zeroes it. */
interface Opened {
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
  const { bytes } = await deps.provider.unwrap(
    inUse.connection,
    wrapped,
    signed.keyRef,
    workspaceKeyContext(organization, version),
    callSignal(deps.settings.providerCallMs),
  );
  if (checkValueOf(bytes, organization, version) === signed.checkValue) {
    const { wrappedSha256, checkValue } = signed;
    return { bytes, wrappedSha256, checkValue };
  }
  bytes.fill(0);
  throw new ProviderFailure('CHECK_VALUE_MISMATCH');
}

/**
 * The connection in use is the one a plan moves away from, as signed. What it refuses is no fault of the new one, so it
 * isn't the new one's verification that says what to mend.
 * @throws Refusal PLAN_CHANGED, KEY_IN_USE_REFUSES; ProviderFailure where it may answer in a moment
 */
export async function openedUnderFormer(
  deps: Deps,
  place: Pick<Place, 'organization'>,
  from: FormerConnection,
  version: KeyVersion,
): Promise<Opened> {
  const inUse = await custodyInUse(deps, place);
  const { connection, statement } = inUse;
  if (connection.id !== from.id || connection.digest !== from.digest || statement.keyRef !== from.keyRef)
    throw new Refusal('PLAN_CHANGED');
  return openLive(deps, inUse, version).catch((error: unknown) => {
    if (!(error instanceof ProviderFailure) || isRetried(error.code)) throw error;
    throw new Refusal('KEY_IN_USE_REFUSES', error.code);
  });
}

/**
 * The key in use answers: no incident is open, and it unwraps the newest live envelope. Nothing is kept of it.
 * @throws Refusal KEY_IN_USE_REFUSES, with what it refuses
 */
export const demandKeyInUse = (deps: Deps, place: Pick<Place, 'organization'>): Promise<void> =>
  demandAnswers(deps, place, async (inUse) => {
    const { bytes } = await openLive(deps, inUse, inUse.statement.currentVersion);
    bytes.fill(0);
  });

/** The same of every live envelope: what is to leave the key must all open under it. */
export const demandAllUnderKeyInUse = (deps: Deps, place: Pick<Place, 'organization'>): Promise<void> =>
  demandAnswers(deps, place, async (inUse) => {
    await proveLiveKeys(deps, inUse);
  });

async function demandAnswers(
  deps: Deps,
  place: Pick<Place, 'organization'>,
  prove: (inUse: CustodyInUse) => Promise<void>,
): Promise<void> {
  const incident = (await deps.store.status(place.organization.name))?.incident ?? null;
  if (incident !== null) throw new Refusal('KEY_IN_USE_REFUSES', incident.code);
  try {
    await prove(await custodyInUse(deps, place));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    throw new Refusal('KEY_IN_USE_REFUSES', error.code);
  }
}
