import type { Actor } from '../domain/actor';
import type { RefusalSubject } from '../domain/change';
import { isTroubleOfOurs } from '../domain/codes';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { Store } from '../store/contract';

/** Does what concerns custody; a refusal of it is in the ledger before it's answered. */
export async function recordingRefusals<T>(
  store: Pick<Store, 'recordRefusal'>,
  about: { readonly organization: OrganizationId; readonly subject: RefusalSubject; readonly actor: Actor },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && !isTroubleOfOurs(error.code))
      await store.recordRefusal({ ...about, code: error.code });
    throw error;
  }
}
