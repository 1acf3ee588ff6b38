import { nodeSuite } from '../../ledger/node/suite';
import type { PublishedLedger } from '../../ledger/published-ledger';
import { type RecordedEntry, readEntry } from '../../ledger/recorded-entry';
import { sameBytes } from '../../ledger/verify/encoding';
import { frontierToBytes, rootOf } from '../../ledger/verify/frontier';
import type { Database, Queries } from '../database';
import { bytes, createLedger, type LockedLedger, lockLedger } from '../ledger/head';
import { findUnexplained } from '../queries/audit';
import { type EntryParts, restoreEntry } from './entry';
import { NotRestorable } from './not-restorable';

export interface RestoreParts extends EntryParts {
  readonly database: Pick<Database, 'prisma'>;
}

/** However much was lost: a day of a busy organization is some thousand entries. */
const WITHIN_MS = 1_800_000;

/**
 * Brings an organization's ledger, and every row that it explains, to what was published, in one transaction: lines are
 * appended byte for byte, rows written as they were under the statements that were signed then, and what was erased since
 * the backup is erased again. Nothing is kept of it unless afterwards every row is explained by its entry.
 * @throws NotRestorable; nothing was changed
 */
export async function restoreLedger(parts: RestoreParts, published: PublishedLedger): Promise<void> {
  await parts.database.prisma.$transaction((tx) => restoreIn(tx, parts, published), {
    maxWait: 5_000,
    timeout: WITHIN_MS,
  });
}

async function restoreIn(tx: Queries, parts: RestoreParts, published: PublishedLedger): Promise<void> {
  const { organization, checkpoint, frontier, externalId } = published;
  const ledger = await begun(tx, published);
  for (const line of published.lines) {
    const index = ledger.frontier.size;
    const texts = published.texts.get(index) ?? [];
    const named = externalId === null ? texts : [...texts, externalId];
    const entry = readable(line, named);
    // At the time at which it was written first.
    const then = { ...ledger, now: entry.frame.at };
    await restoreEntry(tx, parts, then, { line, texts, ...entry });
    ledger.frontier = then.frontier;
  }
  const lost = await tx.$queryRaw<{ sha256: string; version: number }[]>`
    SELECT wrapped_sha256 AS sha256, version FROM envelope
    WHERE organization_id = ${organization}::uuid AND octet_length(wrapped) = 0`;
  if (lost.length > 0)
    throw new NotRestorable(
      `envelopes that nothing erased weren't published: ${lost.map(({ sha256, version }) => `version ${version} (${sha256})`).join(', ')}`,
    );
  await tx.checkpoint.createMany({
    data: [
      {
        organizationId: organization,
        size: frontier.size,
        frontier: bytes(frontierToBytes(frontier)),
        note: checkpoint,
      },
    ],
    skipDuplicates: true,
  });
  const [unexplained] = await findUnexplained(tx, organization);
  if (unexplained !== undefined)
    throw new NotRestorable(`${unexplained.table} ${unexplained.row}: ${unexplained.why}`);
}

/** The organization's ledger, locked, as long as the reader of the publication has found it, and with the same past. */
async function begun(tx: Queries, published: PublishedLedger): Promise<LockedLedger> {
  const { organization, from, lines, rootBefore, externalId } = published;
  const known = await tx.organization.count({ where: { id: organization } });
  if (known === 0) {
    const { frame, change } = readable(lines[0] ?? '', externalId === null ? [] : [externalId]);
    if (change.type !== 'organization-created')
      throw new NotRestorable('its ledger doesn’t begin with its creation');
    const { name, externalId: external } = change;
    await tx.organization.create({
      data: { id: organization, name, externalId: external, createdAt: frame.at },
    });
    return createLedger(tx, organization);
  }
  const { ledger } = await lockLedger(tx, organization, '');
  if (ledger.frontier.size !== from)
    throw new NotRestorable('somebody appended to it meanwhile: stop every process, and run it again');
  if (!sameBytes(rootOf(nodeSuite, ledger.frontier), rootBefore))
    throw new NotRestorable('its entries aren’t the first of those that were published: another history');
  return ledger;
}

function readable(line: string, texts: Parameters<typeof readEntry>[1]): RecordedEntry {
  try {
    const entry = readEntry(line, texts);
    // Erased before they could be published; whether they had to be kept is judged at the end.
    if (entry.missing.length === 0 || entry.change.type === 'envelope-staged') return entry;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new NotRestorable(error.message);
  }
  throw new NotRestorable('bytes that an entry names weren’t published');
}
