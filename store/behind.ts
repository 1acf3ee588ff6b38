import type { DeploymentId, OrganizationId } from '../domain/ids';
import { HEADS_AT_ONCE, type SignedHead, type Signer } from '../domain/ports/signer';
import { type HeadRelation, relationOf } from '../ledger/head-relation';
import { nodeSuite } from '../ledger/node/suite';
import { SignerUnavailable } from '../ledger/signer-errors';
import { originOf } from '../ledger/verify/checkpoint';
import type { Head } from '../ledger/verify/consistency';
import { emptyRoot } from '../ledger/verify/tree';
import type { Store } from './contract';

export interface Behind {
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  /** `behind`: shorter than what was signed, as after restoring a backup. `forked`: another past than what was signed. */
  readonly relation: Extract<HeadRelation, 'behind' | 'forked'>;
  readonly entries: number;
  readonly signedEntries: number;
}

export interface BehindParts {
  readonly store: Pick<Store, 'ledgerHead' | 'proofSince'>;
  readonly signer: Pick<Signer, 'lastHead'>;
  readonly deployment: DeploymentId;
}

/** What it takes to ask about many at once. */
export interface AllBehindParts {
  readonly store: Pick<Store, 'ledgerHeads' | 'proofSince'>;
  readonly signer: Pick<Signer, 'lastHeads'>;
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
  return compared(store, organization, database, signed);
}

/**
 * Those of them of which that is so, each as soon as it's found. All are asked about at each process's start, and each
 * minute after: so the heads are asked for by the page, and only a ledger that is longer than what was signed is looked
 * at by itself.
 * @throws SignerUnavailable where it doesn't say how it stands with one of them
 */
export async function* whichAreBehind(
  { store, signer, deployment }: AllBehindParts,
  organizations: readonly Behind['organization'][],
): AsyncGenerator<Behind, void> {
  for (let from = 0; from < organizations.length; from += HEADS_AT_ONCE) {
    const page = organizations.slice(from, from + HEADS_AT_ONCE);
    // The signer first, here too.
    const signed = await signer.lastHeads(page.map(({ id }) => originOf(deployment, id)));
    const database = await store.ledgerHeads(page.map(({ id }) => id));
    for (const organization of page) {
      const last = signed.get(originOf(deployment, organization.id));
      // No answer isn't the answer that nothing was ever signed.
      if (last === undefined) throw new SignerUnavailable('the signer left out a head that it was asked for');
      const behind = await compared(store, organization, database.get(organization.id) ?? NO_LEDGER, last);
      if (behind !== null) yield behind;
    }
  }
}

const NO_LEDGER: Head = { size: 0, root: emptyRoot(nodeSuite) };

async function compared(
  store: Pick<Store, 'proofSince'>,
  organization: Behind['organization'],
  database: Head,
  signed: SignedHead | null,
): Promise<Behind | null> {
  const isLonger = signed !== null && signed.size > 0 && database.size > signed.size;
  const proof = isLonger ? await store.proofSince(organization.id, signed.size, database.size) : [];
  const relation = relationOf(database, signed, proof);
  if (relation === 'same' || relation === 'ahead') return null;
  return { organization, relation, entries: database.size, signedEntries: signed?.size ?? 0 };
}

/** In one line, for whoever has to mend it. */
export const inWords = ({ organization, relation, entries, signedEntries }: Behind): string =>
  `${organization.name} (${relation}: ${entries} entries, ${signedEntries} signed)`;
