import { Refusal } from '../../domain/failure';
import type { DeploymentId, OrganizationId } from '../../domain/ids';
import type { Signer } from '../../domain/ports/signer';
import { nodeSuite } from '../../ledger/node/suite';
import { originOf } from '../../ledger/verify/checkpoint';
import { consistencyProof, consistencyProofFrom } from '../../ledger/verify/consistency';
import { frontierFromBytes, frontierToBytes } from '../../ledger/verify/frontier';
import { concatHashes } from '../../ledger/verify/tree';
import type { Queries } from '../database';
import { findHead, findLeafHashes } from '../queries/ledger';
import { bytes } from './head';
import type { Publisher } from './publisher';

/**
 * Has the present head signed, keeps the note, and publishes what it is over. The proof that it continues the signer's last head starts
 * from that head's frontier where we kept it, so it costs what was appended since.
 * @throws Refusal LEDGER_BEHIND when the signer has seen a larger ledger; what the signer throws when ours is
 *   another than the one it saw.
 */
export async function publishHead(
  queries: Queries,
  signer: Signer,
  deployment: DeploymentId,
  organization: OrganizationId,
  publisher: Publisher | null,
): Promise<string> {
  const origin = originOf(deployment, organization);
  const last = await signer.lastHead(origin);
  const { size, root, frontier } = await findHead(queries, organization);
  const since = last?.size ?? 0;
  if (since > size) throw new Refusal('LEDGER_BEHIND', `${size} entries of ${since}`);
  const proof = await proofSince(queries, organization, since, size);
  // Read before it is signed: from then on it can be published without the database.
  const part = (await publisher?.read(queries, organization, frontier)) ?? null;
  const note = await signer.signCheckpoint({ origin, size, root, consistencyProof: proof });
  if (part !== null) await publisher?.publish({ ...part, checkpoint: note });
  await queries.checkpoint.createMany({
    data: [{ organizationId: organization, size, frontier: bytes(frontierToBytes(frontier)), note }],
    skipDuplicates: true,
  });
  return note;
}

/** From `since` entries to `size`: from the frontier that was kept when `since` was signed, where it was. */
export async function proofSince(
  queries: Queries,
  organizationId: OrganizationId,
  since: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  const kept = await queries.checkpoint.findUnique({
    where: { organizationId_size: { organizationId, size: since } },
    select: { frontier: true },
  });
  if (kept !== null) {
    const appended = concatHashes(await findLeafHashes(queries, organizationId, since, size));
    return consistencyProofFrom(nodeSuite, frontierFromBytes(kept.frontier), appended);
  }
  const all = concatHashes(await findLeafHashes(queries, organizationId, 0, size));
  return consistencyProof(nodeSuite, all, since);
}

export async function findLatestCheckpoint(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<{ size: number; note: string } | null> {
  const row = await queries.checkpoint.findFirst({ where: { organizationId }, orderBy: { size: 'desc' } });
  return row === null ? null : { size: row.size, note: row.note };
}
