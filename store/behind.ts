import type { DeploymentId, OrganizationId } from '../domain/ids';
import type { Signer } from '../domain/ports/signer';
import { type HeadRelation, relationOf } from '../ledger/head-relation';
import { originOf } from '../ledger/verify/checkpoint';
import type { Store } from './contract';

export interface Behind {
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  /** `behind`: shorter than what was signed, as after restoring a backup. `forked`: another past than what was signed. */
  readonly relation: Extract<HeadRelation, 'behind' | 'forked'>;
  readonly entries: number;
  readonly signedEntries: number;
}

export interface BehindParts {
  readonly store: Pick<Store, 'organizations' | 'ledgerHead' | 'proofSince'>;
  readonly signer: Pick<Signer, 'lastHead'>;
  readonly deployment: DeploymentId;
}

/**
 * How an organization's ledger in the database stands to what the signer remembers: `null` where it continues that.
 * Where it doesn't, what the database says of custody may be long past, or somebody's invention.
 */
export async function behindOf(
  { store, signer, deployment }: BehindParts,
  organization: Behind['organization'],
): Promise<Behind | null> {
  // The signer first: a commit between the two reads makes the database longer, never shorter.
  const signed = await signer.lastHead(originOf(deployment, organization.id));
  const database = await store.ledgerHead(organization.id);
  const isLonger = signed !== null && signed.size > 0 && database.size > signed.size;
  const proof = isLonger ? await store.proofSince(organization.id, signed.size, database.size) : [];
  const relation = relationOf(database, signed, proof);
  if (relation === 'same' || relation === 'ahead') return null;
  return { organization, relation, entries: database.size, signedEntries: signed?.size ?? 0 };
}

/** Every organization of which that is so. Asked at each process's start, and each minute after. */
export async function organizationsBehind(parts: BehindParts): Promise<readonly Behind[]> {
  const found: Behind[] = [];
  for (const organization of await parts.store.organizations()) {
    const behind = await behindOf(parts, organization);
    if (behind !== null) found.push(behind);
  }
  return found;
}

/** In one line, for whoever has to mend it. */
export const inWords = ({ organization, relation, entries, signedEntries }: Behind): string =>
  `${organization.name} (${relation}: ${entries} entries, ${signedEntries} signed)`;
