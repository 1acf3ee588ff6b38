import { SYSTEM } from '../../domain/actor';
import type { ChangeOf } from '../../domain/change';
import type { Owner, ProviderCode } from '../../domain/codes';
import type { ConnectionInput } from '../../domain/connection';
import type { OrganizationId } from '../../domain/ids';
import type { IncidentRecord } from '../../domain/incident';
import { requestDigest } from '../commit/request-digest';
import type { Except, OwnerOf } from '../contract';
import type { Database, Queries } from '../database';
import { appendEntry } from '../ledger/append';
import { lockLedger } from '../ledger/head';
import { incidentOf } from '../queries/incident';

interface Which {
  readonly only: OrganizationId | null;
  readonly except: Except;
}

/**
 * Writes what of the incidents isn't in the ledger yet: that each was opened, and, once it has been closed for a
 * minute, that it was closed ({@link Incidents} goes on with one that was closed for less). The cipher's failing path
 * only ever writes its row, by a statement that waits for no ledger; this is done from there, exactly once: an entry
 * and the index that the row keeps of it are one transaction, and the entry's key is the row's.
 * Whose it is, is asked before that transaction; what was opened meanwhile waits for the next round.
 * @param which `only` this organization's; not those of `except`
 * @returns how many entries it wrote
 */
export async function recordIncidents(
  { prisma, transactions }: Database,
  ownerOf: OwnerOf,
  { only, except }: Which,
): Promise<number> {
  const owners = await ownersOf(prisma, ownerOf, { only, except });
  const due = await prisma.$queryRaw<{ organization_id: string }[]>`
    SELECT DISTINCT organization_id FROM incident
    WHERE closed_index IS NULL AND (${only}::uuid IS NULL OR organization_id = ${only}::uuid)
      AND (opened_index IS NULL OR closed_at < clock_timestamp() - interval '1 minute')`;
  let written = 0;
  for (const { organization_id } of due) {
    const organization = organization_id as OrganizationId;
    if (except.has(organization)) continue;
    written += await transactions.write((tx) => recordIncidentsOf(tx, organization, owners));
  }
  return written;
}

interface Opened {
  id: bigint;
  organization_id: OrganizationId;
  code: string;
  over: boolean;
  input: string | null;
}

/** By the incident's id, for those whose opening isn't in the ledger yet. */
async function ownersOf(
  queries: Queries,
  ownerOf: OwnerOf,
  { only, except }: Which,
): Promise<ReadonlyMap<string, Owner>> {
  const opened = await queries.$queryRaw<Opened[]>`
    SELECT i.id, i.organization_id, i.code, i.closed_at IS NOT NULL OR i.answered_at IS NOT NULL AS over, k.input
    FROM incident i
    LEFT JOIN custody c ON c.organization_id = i.organization_id
    LEFT JOIN connection k ON k.id = c.connection_id
    WHERE i.closed_index IS NULL AND i.opened_index IS NULL
      AND (${only}::uuid IS NULL OR i.organization_id = ${only}::uuid)
    ORDER BY i.id`;
  const owners = new Map<string, Owner>();
  for (const { id, organization_id, code, over, input } of opened) {
    if (except.has(organization_id)) continue;
    const connection = input === null ? null : (JSON.parse(input) as ConnectionInput);
    owners.set(String(id), await ownerOf({ connection, code: code as ProviderCode, isOver: over }));
  }
  return owners;
}

async function recordIncidentsOf(
  tx: Queries,
  organization: OrganizationId,
  owners: ReadonlyMap<string, Owner>,
): Promise<number> {
  // The ledger first: whoever counts a refusal into an open incident waits for this row only while it is written.
  await lockLedger(tx, organization, '');
  const rows = await tx.$queryRaw<{ id: bigint; quiet: boolean }[]>`
    SELECT id, closed_at IS NOT NULL AND closed_at < clock_timestamp() - interval '1 minute' AS quiet
    FROM incident
    WHERE organization_id = ${organization}::uuid AND closed_index IS NULL
      AND (opened_index IS NULL OR closed_at < clock_timestamp() - interval '1 minute')
    ORDER BY id FOR UPDATE`;
  let written = 0;
  for (const { id, quiet } of rows) {
    const incident = incidentOf(await tx.incident.findUniqueOrThrow({ where: { id } }), []);
    const owner = incident.owner ?? owners.get(incident.id);
    if (owner === undefined) continue;
    const key = `incident/${incident.id}`;
    let opened = {};
    if (incident.openedIndex === null) {
      const openedIndex = await append(tx, organization, `${key}/opened`, openedBy(incident, owner));
      opened = { openedIndex, owner };
      written += 1;
    }
    const closing = quiet ? closedBy(incident, owner) : null;
    const closedIndex = closing === null ? null : await append(tx, organization, `${key}/closed`, closing);
    written += Number(closedIndex !== null);
    await tx.incident.update({ where: { id }, data: { ...opened, closedIndex } });
  }
  return written;
}

const openedBy = (incident: IncidentRecord, owner: Owner): ChangeOf<'incident-opened'> => ({
  type: 'incident-opened',
  incident: incident.id,
  code: incident.code,
  owner,
  requestId: incident.requestId,
  firstRefusalAt: incident.firstRefusalAt,
});

function closedBy(incident: IncidentRecord, owner: Owner): ChangeOf<'incident-closed'> | null {
  const { id, code, firstRefusalAt, lastRefusalAt, detectedAt, answeredAt, closedAt, proof } = incident;
  if (closedAt === null || proof === null) return null;
  const { refusals, probes } = incident;
  return {
    type: 'incident-closed',
    ...{ incident: id, code, owner, firstRefusalAt, lastRefusalAt, detectedAt, answeredAt, closedAt },
    ...{ refusals, probes, proved: proof },
  };
}

/** The entry's index; that of the one there is, where this key has one. */
async function append(
  tx: Queries,
  organization: OrganizationId,
  idempotencyKey: string,
  change: ChangeOf<'incident-opened' | 'incident-closed'>,
): Promise<number> {
  const { ledger, stored } = await lockLedger(tx, organization, idempotencyKey);
  if (stored !== null) return stored.committed.index;
  const { index } = await appendEntry(tx, ledger, {
    actor: SYSTEM,
    operationId: null,
    epoch: null,
    change,
    idempotencyKey,
    requestDigest: requestDigest(change, null),
  });
  return index;
}
