import type { DeploymentId } from '../domain/ids';
import type { Signer } from '../domain/ports/signer';
import { type HeadRelation, relationOf } from '../ledger/head-relation';
import { nodeSuite } from '../ledger/node/suite';
import { originOf } from '../ledger/verify/checkpoint';
import { consistencyProof } from '../ledger/verify/consistency';
import { concatHashes } from '../ledger/verify/tree';
import type { OrganizationRecord, Store } from './contract';

export interface Behind {
  readonly organization: OrganizationRecord;
  /** `behind`: shorter than what was signed, as after restoring a backup. `forked`: another past than what was signed. */
  readonly relation: Extract<HeadRelation, 'behind' | 'forked'>;
  readonly entries: number;
  readonly signedEntries: number;
}

/**
 * Organizations whose ledger in the database doesn't continue what the signer remembers: what the database says
 * of custody may be long past, or somebody's invention. Asked at every process's start.
 */
export async function organizationsBehind(
  store: Pick<Store, 'organizations' | 'ledgerHead' | 'leafHashes'>,
  signer: Pick<Signer, 'lastHead'>,
  deployment: DeploymentId,
): Promise<readonly Behind[]> {
  const found: Behind[] = [];
  for (const organization of await store.organizations()) {
    // The signer first: a commit between the two reads makes the database longer, never shorter.
    const signed = await signer.lastHead(originOf(deployment, organization.id));
    const database = await store.ledgerHead(organization.id);
    const longer = signed !== null && signed.size > 0 && database.size > signed.size;
    const proof = longer
      ? consistencyProof(
          nodeSuite,
          concatHashes((await store.leafHashes(organization.id)).slice(0, database.size)),
          signed.size,
        )
      : [];
    const relation = relationOf(database, signed, proof);
    if (relation === 'behind' || relation === 'forked') {
      found.push({ organization, relation, entries: database.size, signedEntries: signed?.size ?? 0 });
    }
  }
  return found;
}
