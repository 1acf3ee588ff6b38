import type { DeploymentId, OrganizationId } from '../../domain/ids';
import type { StatementVerifier } from '../../domain/ports/authority';
import { type Publication, PublicationUnusable } from '../../domain/ports/publication';
import type { Signer } from '../../domain/ports/signer';
import { nodeSuite } from '../../ledger/node/suite';
import { readPublished } from '../../ledger/published-ledger';
import { originOf } from '../../ledger/verify/checkpoint';
import { sameBytes } from '../../ledger/verify/encoding';
import { rootOf } from '../../ledger/verify/frontier';
import { parseVkey } from '../../ledger/verify/vkey';
import { NotRestorable, type Store } from '../../store';
import { behindOf } from '../../store/behind';

export interface RestoreDeps {
  readonly store: Pick<
    Store,
    'organizations' | 'ledgerHead' | 'proofSince' | 'restoreLedger' | 'platformKey'
  >;
  readonly signer: Pick<Signer, 'keys' | 'lastHead' | 'raiseEpochFloor'>;
  readonly publication: Publication;
  readonly statements: StatementVerifier;
  readonly deployment: DeploymentId;
}

/** What came of one organization. `current`: there was nothing to do. */
export type Restored =
  | { readonly result: 'current'; readonly entries: number }
  /** `dry`: it would be. */
  | { readonly result: 'restored' | 'dry'; readonly entries: number; readonly appended: number }
  | { readonly result: 'refused'; readonly why: string };

export type RestoredOne = {
  readonly organization: OrganizationId;
  /** `null`: the backup doesn't know it. */
  readonly name: string | null;
} & Restored;

/**
 * Every organization of the database or the publication, each by itself: what one is refused for changes nothing about
 * the others. Run again, it goes on with what is left.
 * @param only the one of this name, which the database has
 */
export async function* restoreAll(
  deps: RestoreDeps,
  { only, isDry }: { readonly only: string | null; readonly isDry: boolean },
): AsyncGenerator<RestoredOne> {
  const names = new Map<OrganizationId, string>(
    (await deps.store.organizations()).map(({ id, name }) => [id, name]),
  );
  const known = new Set([...names.keys(), ...(await deps.publication.organizations())]);
  for (const organization of known) {
    const name = names.get(organization) ?? null;
    if (only !== null && name !== only) continue;
    yield { organization, name, ...(await restored(deps, organization, isDry)) };
  }
}

async function restored(deps: RestoreDeps, organization: OrganizationId, isDry: boolean): Promise<Restored> {
  try {
    return await restore(deps, organization, isDry);
  } catch (error) {
    if (error instanceof NotRestorable || error instanceof PublicationUnusable)
      return { result: 'refused', why: error.message };
    throw error;
  }
}

async function restore(deps: RestoreDeps, organization: OrganizationId, isDry: boolean): Promise<Restored> {
  const { store, signer, publication, statements, deployment } = deps;
  const origin = originOf(deployment, organization);
  const { size: entries } = await store.ledgerHead(organization);
  const behind = await behindOf(deps, { id: organization, name: organization });
  if (behind === null) return { result: 'current', entries };
  if (behind.relation === 'forked')
    throw new NotRestorable(
      'its entries aren’t those that were signed: it was written on from a backup, or rewritten. Put the backup in place again, or an older one, and keep this database for security',
    );
  const log = parseVkey(nodeSuite, (await signer.keys()).checkpointVkey);
  const signed = await signer.lastHead(origin);
  if (log === undefined || signed === null) throw new NotRestorable('the signer knows nothing of it');
  const published = await readPublished(publication, organization, { origin, log, from: entries });
  const { size } = published.frontier;
  if (size < signed.size)
    throw new NotRestorable(
      `${signed.size} entries were signed, and ${size} published: entries ${size} to ${signed.size - 1} aren’t here. Find a newer copy of the database, or of the publication`,
    );
  if (size > signed.size)
    throw new NotRestorable(
      `${size} entries were published, and the signer remembers ${signed.size}: its own state was put back. Put its newest state in place first`,
    );
  if (!sameBytes(rootOf(nodeSuite, published.frontier), signed.root))
    throw new NotRestorable('what was published isn’t what the signer has signed');
  if (isDry) return { result: 'dry', entries: size, appended: size - entries };
  await store.restoreLedger(published, statements);
  await raiseFloor(deps, organization);
  return { result: 'restored', entries: size, appended: size - entries };
}

/** As after a switch: the process that switched may have ended before it could. */
async function raiseFloor({ store, signer }: RestoreDeps, organization: OrganizationId): Promise<void> {
  const statement = (await store.platformKey(organization))?.custodyStatement ?? null;
  if (statement !== null) await signer.raiseEpochFloor(statement);
}
