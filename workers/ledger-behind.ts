import type { DeploymentId } from '../domain/ids';
import type { Signer } from '../domain/ports/signer';
import { originOf } from '../ledger/verify/checkpoint';
import type { Store } from '../store/contract';

/**
 * A database that's behind the head its signer remembers is a restored backup: what it says of custody may be
 * long past.
 * @throws Error that names the organizations; nothing is run on such a database.
 */
export async function refuseIfBehind(store: Store, signer: Signer, deployment: DeploymentId): Promise<void> {
  const behind: string[] = [];
  for (const { id, name } of await store.organizations()) {
    const [last, { size }] = await Promise.all([
      signer.lastHead(originOf(deployment, id)),
      store.ledgerHead(id),
    ]);
    if (last !== null && size < last.size) behind.push(`${name} (${size} of ${last.size} entries)`);
  }
  if (behind.length > 0) {
    throw new Error(
      `LEDGER_BEHIND: the database is older than what the signer has signed, as after restoring a backup: ${behind.join(', ')}. ` +
        'Nothing is run on it until it is reconciled; see the runbook.',
    );
  }
}
