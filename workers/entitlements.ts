import { tellOfEntitlement } from '../activities';
import type { OrganizationName } from '../domain/ids';
import type { Except, Store } from '../store/contract';

/** So many are looked at in a minute, so that one look never takes long; the next begins where it ended. */
const AT_ONCE = 200;

type Parts = Parameters<typeof tellOfEntitlement>[0] & {
  readonly store: Pick<Store, 'inCustomerCustody'>;
  /** Whose ledger takes no entry now: told each minute, they'd never be on record as told. */
  readonly closed: Except;
};

/**
 * One look at orders behind customer custody, some at a time: whoever is to hear of an end is told. One that fails
 * hinders no other; the look throws what the first failed with.
 */
export function tellingOfEntitlements(parts: Parts, atOnce = AT_ONCE): () => Promise<void> {
  let after: OrganizationName | null = null;
  return async () => {
    const found = await parts.store.inCustomerCustody(after, atOnce);
    after = found.length < atOnce ? null : (found.at(-1)?.name ?? null);
    const failed: unknown[] = [];
    for (const organization of found.filter(({ id }) => !parts.closed.has(id)))
      await tellOfEntitlement(parts, organization).catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  };
}
