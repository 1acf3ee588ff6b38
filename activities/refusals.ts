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
    if (error instanceof Refusal) await store.recordRefusal({ ...note, code: error.code });
    throw error;
  }
}
