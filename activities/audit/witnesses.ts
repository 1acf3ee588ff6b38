import type { AuditFinding, Witness } from '../../domain/audit';
import type { OrganizationId } from '../../domain/ids';
import { PublicationAway } from '../../domain/ports/archive';
import { PublicationUnusable } from '../../domain/ports/publication';
import { nodeSuite } from '../../ledger/node/suite';
import { originOf, verifyCheckpoint } from '../../ledger/verify/checkpoint';
import type { Head } from '../../ledger/verify/consistency';
import { sameBytes } from '../../ledger/verify/encoding';
import { type Frontier, frontierFromBytes, rootOf } from '../../ledger/verify/frontier';
import { NoteError } from '../../ledger/verify/note';
import type { VerifierKey } from '../../ledger/verify/vkey';
import type { AuditDeps } from './deps';

/** What is known of a ledger without asking its database. */
export interface Witnesses {
  readonly heads: readonly { readonly by: Witness; readonly head: Head }[];
  /** Of what was published last; `null`: nothing was, or it can't be used. */
  readonly published: Frontier | null;
  /** Its place can't be asked now, so the others are heard without it. */
  readonly isAway: boolean;
  readonly findings: readonly AuditFinding[];
}

/** The publication is asked first, then the signer: whatever is signed meanwhile makes that longer, never shorter. */
export async function witnessesOf(
  { deployment, publication, signer }: Pick<AuditDeps, 'deployment' | 'publication' | 'signer'>,
  log: VerifierKey,
  organization: OrganizationId,
): Promise<Witnesses> {
  const origin = originOf(deployment, organization);
  const findings: AuditFinding[] = [];
  let isAway = false;
  const published = await latest(publication, log, origin, organization).catch((error: unknown) => {
    if (error instanceof PublicationAway) isAway = true;
    else if (error instanceof PublicationUnusable) findings.push({ finding: 'publication-differs' });
    else throw error;
    return null;
  });
  const signed = await signer.lastHead(origin);
  const heads: { by: Witness; head: Head }[] = [];
  if (published !== null)
    heads.push({ by: 'publication', head: { size: published.size, root: rootOf(nodeSuite, published) } });
  if (signed !== null) heads.push({ by: 'signer', head: signed });
  const entries = signed?.size ?? 0;
  if (published !== null && entries < published.size)
    findings.push({ finding: 'signer-behind', entries, known: published.size });
  return { heads, published, isAway, findings };
}

/** @throws PublicationUnusable where it isn't what our signer signed of this ledger */
async function latest(
  publication: AuditDeps['publication'],
  log: VerifierKey,
  origin: string,
  organization: OrganizationId,
): Promise<Frontier | null> {
  const part = (await publication?.latest(organization)) ?? null;
  if (part === null) return null;
  try {
    const frontier = frontierFromBytes(part.frontier);
    const { checkpoint } = await verifyCheckpoint(nodeSuite, part.checkpoint, [log]);
    const isOfIt =
      checkpoint.origin === origin && checkpoint.size === part.size && frontier.size === part.size;
    if (isOfIt && sameBytes(checkpoint.root, rootOf(nodeSuite, frontier))) return frontier;
  } catch (error) {
    if (!(error instanceof NoteError || error instanceof RangeError)) throw error;
  }
  throw new PublicationUnusable('what was published last isn’t signed by our signer');
}
