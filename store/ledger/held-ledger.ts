import { Refusal } from '../../domain/failure';
import type { DeploymentId, OrganizationId } from '../../domain/ids';
import type { Signer } from '../../domain/ports/signer';
import { nodeSuite } from '../../ledger/node/suite';
import { originOf } from '../../ledger/verify/checkpoint';
import type { Head } from '../../ledger/verify/consistency';
import { sameBytes } from '../../ledger/verify/encoding';
import { appendAll, EMPTY_FRONTIER, type Frontier, rootOf } from '../../ledger/verify/frontier';
import { leafHash } from '../../ledger/verify/tree';
import type { Queries } from '../database';
import { findLines } from '../queries/ledger';
import { NOTHING_SAID, type Said, saidWith } from './said';

interface Reading {
  readonly frontier: Frontier;
  readonly said: Said;
}

const BEGINNING: Reading = { frontier: EMPTY_FRONTIER, said: NOTHING_SAID };
const PAGE = 1000;
/** Organizations whose reading is kept; the one read longest ago goes first. */
const KEPT = 1000;

/**
 * The ledger as the signer holds it. Who is entitled and who may approve is decided by what its lines say, not by
 * rows: whoever can write to the database can take a withdrawal's row away, but not its line. The lines are hashed
 * again, and must lead to the head that the signer, which keeps its own, signed last. (What was appended since is
 * believed as it stands: until its head is signed, which is right after the commit, a line has no other witness.)
 *
 * The reading up to the signed head is kept, so each use costs what was appended since the last.
 */
export class HeldLedger {
  private readonly kept = new Map<OrganizationId, Reading>();

  constructor(
    private readonly signer: Pick<Signer, 'lastHead'>,
    private readonly deployment: DeploymentId,
  ) {}

  /** The head that the lines must lead to: to be asked for before a transaction whose snapshot stands still. */
  head(organization: OrganizationId): Promise<Head | null> {
    return this.signer.lastHead(originOf(this.deployment, organization));
  }

  /**
   * @param to where to end: the number of entries that count
   * @throws Refusal LEDGER_BEHIND where lines are missing, LEDGER_MISMATCH where they aren't those that were signed
   */
  async said(
    queries: Queries,
    organization: OrganizationId,
    { head, to = Number.POSITIVE_INFINITY }: { head?: Head | null; to?: number } = {},
  ): Promise<Said> {
    const signed = head === undefined ? await this.head(organization) : head;
    const kept = this.kept.get(organization) ?? BEGINNING;
    // A head from before a snapshot: what another use has read beyond it isn't part of that.
    const isBeyond = head !== undefined && kept.frontier.size > (head?.size ?? 0);
    let reading = isBeyond ? BEGINNING : kept;
    if (signed !== null && signed.size > 0) {
      // Another use may have gone further meanwhile: that was compared with a head as good as this one.
      if (reading.frontier.size < signed.size)
        reading = await readOn(queries, organization, reading, signed.size);
      if (reading.frontier.size < signed.size)
        throw new Refusal('LEDGER_BEHIND', `${reading.frontier.size} entries of ${signed.size}`);
      if (reading.frontier.size === signed.size) this.compare(organization, reading, signed);
    }
    return (await readOn(queries, organization, reading, to)).said;
  }

  private compare(organization: OrganizationId, reading: Reading, signed: Head): void {
    if (!sameBytes(rootOf(nodeSuite, reading.frontier), signed.root))
      throw new Refusal('LEDGER_MISMATCH', `the first ${signed.size} entries are not those that were signed`);
    if (reading.frontier.size < (this.kept.get(organization)?.frontier.size ?? 0)) return;
    this.kept.delete(organization);
    this.kept.set(organization, reading);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** Reads on until `to`, or as far as there are lines. */
async function readOn(
  queries: Queries,
  organization: OrganizationId,
  from: Reading,
  to: number,
): Promise<Reading> {
  const utf8 = new TextEncoder();
  let { frontier, said } = from;
  while (frontier.size < to) {
    const wanted = Math.min(PAGE, to - frontier.size);
    const lines = await findLines(queries, organization, frontier.size, wanted);
    for (const [i, { index, entry }] of lines.entries()) {
      if (index !== frontier.size + i)
        throw new Refusal('LEDGER_MISMATCH', `entry ${frontier.size + i} is gone`);
      said = withLine(said, index, entry);
    }
    const leaves = lines.map(({ entry }) => leafHash(nodeSuite, utf8.encode(entry)));
    frontier = appendAll(nodeSuite, frontier, leaves);
    if (lines.length < wanted) break;
  }
  return { frontier, said };
}

function withLine(said: Said, index: number, entry: string): Said {
  try {
    return saidWith(said, index, entry);
  } catch {
    throw new Refusal('LEDGER_MISMATCH', `entry ${index} is of no commit`);
  }
}
