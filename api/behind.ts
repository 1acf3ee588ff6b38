import type { DeploymentId, OrganizationId } from '../domain/ids';
import type { Signer } from '../domain/ports/signer';
import { originOf } from '../ledger/verify/checkpoint';
import type { Store } from '../store/contract';

/**
 * Organizations whose ledger in the database is shorter than what the signer remembers, as after restoring a
 * backup: what it says of custody may be long past. Asked once, at start.
 */
export async function organizationsBehind(
  store: Pick<Store, 'organizations' | 'ledgerHead'>,
  signer: Pick<Signer, 'lastHead'>,
  deployment: DeploymentId,
): Promise<ReadonlySet<OrganizationId>> {
  const behind = new Set<OrganizationId>();
  for (const { id } of await store.organizations()) {
    const last = await signer.lastHead(originOf(deployment, id));
    const { size } = await store.ledgerHead(id);
    if (last !== null && size < last.size) behind.add(id);
  }
  return behind;
}
