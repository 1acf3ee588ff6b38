import { tellOfEntitlement } from '../activities';
import type { OrganizationName } from '../domain/ids';
import type { Store } from '../store/contract';

/** So many are looked at in a minute, so that one look never takes long; the next begins where it ended. */
const AT_ONCE = 200;

type Parts = Parameters<typeof tellOfEntitlement>[0] & {
  readonly store: Pick<Store, 'inCustomerCustody'>;
};

/** One look at orders behind customer custody, some at a time: whoever is to hear of an end is told. */
export function tellingOfEntitlements(parts: Parts, atOnce = AT_ONCE): () => Promise<void> {
  let after: OrganizationName | null = null;
  return async () => {
    const found = await parts.store.inCustomerCustody(after, atOnce);
    after = found.length < atOnce ? null : (found.at(-1)?.name ?? null);
    for (const organization of found) await tellOfEntitlement(parts, organization);
  };
}
