import type { DeploymentId } from '../domain/ids';
import type { Signer } from '../domain/ports/signer';
import { organizationsBehind } from '../store/behind';
import type { Store } from '../store/contract';

/** @throws Error that names the organizations whose ledger doesn't continue what was signed: no worker runs on such a database. */
export async function refuseIfBehind(store: Store, signer: Signer, deployment: DeploymentId): Promise<void> {
  const behind = await organizationsBehind(store, signer, deployment);
  if (behind.length === 0) return;
  const named = behind.map(
    ({ organization, relation, entries, signedEntries }) =>
      `${organization.name} (${relation}: ${entries} entries, ${signedEntries} signed)`,
  );
  throw new Error(
    `LEDGER_BEHIND: the database doesn't continue what the signer has signed, as after restoring a backup: ${named.join(', ')}. ` +
      'Nothing is run on it until it is reconciled.',
  );
}
