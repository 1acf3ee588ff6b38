import { type Actor, SYSTEM } from '../domain/actor';
import type { ChangeOf, RefusalSubject } from '../domain/change';
import type { Code } from '../domain/codes';
import { type Instant, instantOf, msOf, type OrganizationId } from '../domain/ids';
import type { RefusedMaterial } from '../domain/intake/key-material';
import { requestDigest } from './commit/request-digest';
import type { Queries } from './database';
import { appendEntry } from './ledger/append';
import { type LockedLedger, lockLedger } from './ledger/head';
import { spendOnRefusal } from './spent-tokens';

const MINUTE_MS = 60_000;
export const minuteOf = (at: Instant): Instant => instantOf(msOf(at) - (msOf(at) % MINUTE_MS));

/**
 * The first refusal of an organization, subject and minute is an entry at once; the others of that minute are
 * counted, and become one more entry when a refusal of a later minute comes, or by {@link flushRefusalsIn}.
 */
export async function recordRefusalIn(
  tx: Queries,
  refusal: {
    organization: OrganizationId;
    subject: RefusalSubject;
    code: Code;
    actor: Actor;
    found?: RefusedMaterial;
    jti?: string | null;
  },
): Promise<void> {
  const { organization: organizationId, subject, code, actor, found, jti = null } = refusal;
  const { ledger } = await lockLedger(tx, organizationId, '');
  if (jti !== null) await spendOnRefusal(tx, organizationId, jti, code);
  const minute = minuteOf(ledger.now);
  const id = { organizationId_subject: { organizationId, subject } };
  const last = await tx.refusalCount.findUnique({ where: id });
  // The clock may have been set back: what counts is that this isn't later.
  if (last !== null && minute <= instantOf(last.minute.getTime())) {
    await tx.refusalCount.update({ where: id, data: { pending: { increment: 1 }, code } });
    return;
  }
  if (last !== null) await writePending(tx, ledger, last);
  const change = { type: 'refusal', subject, code, minute, count: 1, ...(found ? { found } : {}) } as const;
  await writeRefusal(tx, ledger, change, actor, 'first');
  await tx.refusalCount.upsert({
    where: id,
    create: { organizationId, subject, minute, pending: 0, code },
    update: { minute, pending: 0, code },
  });
}

/** Writes what is counted of minutes before that of `before`. Answers how many entries that made. */
export async function flushRefusalsIn(
  tx: Queries,
  organizationId: OrganizationId,
  before: Instant,
): Promise<number> {
  const { ledger } = await lockLedger(tx, organizationId, '');
  const due = await tx.refusalCount.findMany({
    where: { organizationId, pending: { gt: 0 }, minute: { lt: minuteOf(before) } },
    orderBy: { subject: 'asc' },
  });
  for (const count of due) {
    await writePending(tx, ledger, count);
    const { subject } = count;
    const where = { organizationId_subject: { organizationId, subject } };
    await tx.refusalCount.update({ where, data: { pending: 0 } });
  }
  return due.length;
}

/** Organizations that have something to flush. */
export async function organizationsWithRefusals(queries: Queries): Promise<readonly OrganizationId[]> {
  const rows = await queries.refusalCount.findMany({
    where: { pending: { gt: 0 } },
    distinct: ['organizationId'],
    select: { organizationId: true },
  });
  return rows.map((row) => row.organizationId as OrganizationId);
}

interface Pending {
  readonly subject: string;
  readonly code: string;
  readonly minute: Date;
  readonly pending: number;
}

async function writePending(tx: Queries, ledger: LockedLedger, last: Pending): Promise<void> {
  if (last.pending === 0) return;
  const change: ChangeOf<'refusal'> = {
    type: 'refusal',
    subject: last.subject as RefusalSubject,
    code: last.code as Code,
    minute: instantOf(last.minute.getTime()),
    count: last.pending,
  };
  await writeRefusal(tx, ledger, change, SYSTEM, 'rest');
}

/** @param part tells it from the other entries of the same subject and minute */
export async function writeRefusal(
  tx: Queries,
  ledger: LockedLedger,
  change: ChangeOf<'refusal'>,
  actor: Actor,
  part: string,
): Promise<void> {
  await appendEntry(tx, ledger, {
    actor,
    operationId: null,
    epoch: null,
    change,
    // The head is ours, so its size makes the key unique even if the clock comes back to a minute once written.
    idempotencyKey: `refusal/${change.subject}/${change.minute}/${part}/${ledger.frontier.size}`,
    requestDigest: requestDigest(change, null),
  });
}
