import { ProviderFailure, Refusal } from '../domain/failure';
import type { KeyVersion } from '../domain/ids';
import type { FormerConnection } from '../domain/plan';
import { type CustodyInUse, custodyInUse } from './custody-in-use';
import type { CustodyDeps } from './deps';
import { isRetried } from './edge';
import { type Opened, openLive, proveLiveKeys } from './live-keys';
import type { Place } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'statements' | 'provider' | 'settings'>;

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
