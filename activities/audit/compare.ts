import type { AuditFinding } from '../../domain/audit';
import type { LedgerIndex, OrganizationId } from '../../domain/ids';
import { PublicationAway } from '../../domain/ports/archive';
import { type LedgerText, PublicationUnusable, type PublishedPart } from '../../domain/ports/publication';
import { sameBytes } from '../../ledger/verify/encoding';
import type { AuditDeps } from './deps';
import type { LedgerWalk } from './walk';
import type { Witnesses } from './witnesses';

const PAGE = 1000;

/** The database's entries beside every head that is known of them. */
export async function compare(
  { publication, store }: AuditDeps,
  organization: OrganizationId,
  { heads, published }: Witnesses,
  walk: LedgerWalk,
): Promise<readonly AuditFinding[]> {
  const database = await store.ledgerHead(organization);
  // That something was rewritten is found without it: which entry it was isn't known then, and nothing else is missing.
  const named = () =>
    firstRewritten({ publication, store }, organization).catch((error: unknown) => {
      if (error instanceof PublicationUnusable || error instanceof PublicationAway) return null;
      throw error;
    });
  const found: AuditFinding[] = [];
  for (const { by, head } of heads)
    if (head.size > database.size)
      found.push({ finding: 'rolled-back', by, entries: database.size, known: head.size });
  const stops = [...heads, { by: 'database' as const, head: database }]
    .filter(({ head }) => head.size <= database.size && head.size >= walk.size)
    .sort((a, b) => a.head.size - b.head.size);
  for (const { by, head } of stops) {
    const missing = await walk.to(head.size);
    if (missing !== null) return [...found, { finding: 'entry-missing', index: missing }];
    if (sameBytes(walk.root, head.root)) continue;
    found.push(
      by === 'database'
        ? { finding: 'head-differs', entries: head.size }
        : { finding: 'entry-rewritten', by, index: published && (await named()) },
    );
  }
  const index = await store.entryBeyondHead(organization);
  return index === null ? found : [...found, { finding: 'entry-beyond-head', index }];
}

/** The first entry that isn't what was published; `null`: all that was published is as it was. */
async function firstRewritten(
  { publication, store }: Pick<AuditDeps, 'publication' | 'store'>,
  organization: OrganizationId,
): Promise<LedgerIndex | null> {
  for await (const part of publication?.parts(organization) ?? []) {
    const index = await firstDiffering(store, part);
    if (index !== null) return index;
  }
  return null;
}

async function firstDiffering(
  store: Pick<AuditDeps['store'], 'ledgerLines'>,
  { organization, from, size, lines }: PublishedPart,
): Promise<LedgerIndex | null> {
  for (let at = from; at < size; at += PAGE) {
    const stored = await store.ledgerLines(organization, at, Math.min(PAGE, size - at));
    const differing = lines
      .slice(at - from, at - from + PAGE)
      .findIndex((line, i) => line !== stored[i]?.entry);
    if (differing !== -1) return (at + differing) as LedgerIndex;
  }
  return null;
}

/**
 * Whether everything that was published is there, and has all that the database has of it: a restore needs both. Each part is
 * read once.
 */
export async function isKept(
  { publication, store }: Pick<AuditDeps, 'publication' | 'store'>,
  organization: OrganizationId,
): Promise<boolean> {
  try {
    for await (const part of publication?.parts(organization) ?? []) {
      if ((await firstDiffering(store, part)) !== null) return false;
      const kept = new Set(part.texts.map(nameOf));
      const stored = await store.ledgerTexts(organization, part.from, part.size);
      if (!stored.every((text) => kept.has(nameOf(text)))) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof PublicationUnusable) return false;
    throw error;
  }
}

const nameOf = ({ index, kind, text }: LedgerText): string => `${index} ${kind} ${text}`;
