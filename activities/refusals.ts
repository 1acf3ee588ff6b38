import type { Actor } from '../domain/actor';
import type { RefusalSubject } from '../domain/change';
import type { Code } from '../domain/codes';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { ActivityStore } from './deps';

export interface RefusalNote {
  readonly organization: OrganizationId;
  readonly subject: RefusalSubject;
  readonly code: Code;
  readonly actor: Actor;
}

/** Refusals about custody are in the ledger before anybody hears of them. */
export async function recordingRefusals<T>(
  store: ActivityStore,
  note: Omit<RefusalNote, 'code'>,
  judge: () => Promise<T>,
): Promise<T> {
  try {
    return await judge();
  } catch (error) {
    // A message that was carried out before, and comes again after a reset, is no refusal of anything.
    const isJudgement = error instanceof Refusal && error.code !== 'IDEMPOTENCY_KEY_REUSED';
    if (isJudgement) await store.recordRefusal({ ...note, code: error.code });
    throw error;
  }
}
