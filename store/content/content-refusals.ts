import { SYSTEM } from '../../domain/actor';
import type { ProviderCode } from '../../domain/codes';
import { instantOf, type OrganizationId } from '../../domain/ids';
import type { Except } from '../contract';
import type { Database, Queries } from '../database';
import { lockLedger } from '../ledger/head';
import { minuteOf, writeRefusal } from '../refusals';

/**
 * Writes what the cipher counted of minutes that are over: a `refusal` entry with subject `content` for each
 * organization, minute and code. What is counted into a minute after that, by a statement that was under way, becomes
 * one more.
 * @param except whose counts wait
 * @returns how many entries it wrote
 */
export async function recordContentRefusals(
  { prisma, transactions }: Database,
  except: Except,
): Promise<number> {
  const due = await prisma.$queryRaw<{ organization_id: string }[]>`
    SELECT DISTINCT organization_id FROM content_refusal
    WHERE recorded < refusals AND minute < date_trunc('minute', clock_timestamp())`;
  let written = 0;
  for (const { organization_id } of due) {
    const organization = organization_id as OrganizationId;
    if (!except.has(organization)) written += await transactions.write((tx) => recordOf(tx, organization));
  }
  return written;
}

async function recordOf(tx: Queries, organization: OrganizationId): Promise<number> {
  const { ledger } = await lockLedger(tx, organization, '');
  const rows = await tx.$queryRaw<{ minute: Date; code: string; refusals: number; recorded: number }[]>`
    SELECT minute, code, refusals, recorded FROM content_refusal
    WHERE organization_id = ${organization}::uuid AND recorded < refusals
      AND minute < ${minuteOf(ledger.now)}::timestamptz
    ORDER BY minute, code FOR UPDATE`;
  for (const { minute, code, refusals, recorded } of rows) {
    const change = {
      type: 'refusal',
      subject: 'content',
      code: code as ProviderCode,
      minute: instantOf(minute.getTime()),
      count: refusals - recorded,
    } as const;
    await writeRefusal(tx, ledger, change, SYSTEM, code);
    await tx.contentRefusal.update({
      where: { organizationId_minute_code: { organizationId: organization, minute, code } },
      data: { recorded: refusals },
    });
  }
  return rows.length;
}
