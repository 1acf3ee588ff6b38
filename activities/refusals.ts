import { SYSTEM } from '../domain/actor';
import type { RefusalSubject } from '../domain/change';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { ActivityStore } from './deps';
import type { Sender } from './step';

/** Refusals about custody are in the ledger before anybody hears of them. */
export async function recordingRefusals<T>(
  store: ActivityStore,
  about: { readonly organization: OrganizationId; readonly subject: RefusalSubject },
  sender: () => Sender,
  judge: () => Promise<T>,
): Promise<T> {
  try {
    return await judge();
  } catch (error) {
    // A message that was carried out before, and comes again after a reset, is no refusal of anything.
    const isJudgement = error instanceof Refusal && error.code !== 'IDEMPOTENCY_KEY_REUSED';
    if (isJudgement) await store.recordRefusal({ ...about, ...sender(), code: error.code });
    throw error;
  }
}

/** For steps that nobody asked for. */
export const bySystem = (): Sender => ({ actor: SYSTEM, jti: null });
