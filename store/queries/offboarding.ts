import type { Actor } from '../../domain/actor';
import { Refusal } from '../../domain/failure';
import {
  type DryRunId,
  instantOf,
  type KeyRef,
  type OperationId,
  type OrganizationId,
} from '../../domain/ids';
import { Prisma } from '../../generated/prisma/client';
import type { OperationRecord, OperatorApproved } from '../contract';
import type { Queries } from '../database';
import { findOperation } from './operation';

/** Our API's word for the last member of staff who approved the plan of this dry-run; `null`: nobody has. */
export async function findOperatorApproval(queries: Queries, dryRunId: DryRunId): Promise<string | null> {
  const last = await queries.operatorApproval.findFirst({
    where: { dryRunId },
    orderBy: { ledgerIndex: 'desc' },
    select: { proof: true },
  });
  return last?.proof ?? null;
}

/** Who that was, and when. */
export async function findOperatorApproved(
  queries: Queries,
  dryRunId: DryRunId,
): Promise<OperatorApproved | null> {
  const [last] = await queries.$queryRaw<{ approved_by: string; at: Date }[]>`
    SELECT a.approved_by, e.at FROM operator_approval a
    JOIN ledger_entry e ON e.organization_id = a.organization_id AND e.index = a.ledger_index
    WHERE a.dry_run_id = ${dryRunId}::uuid ORDER BY a.ledger_index DESC LIMIT 1`;
  return last === undefined ? null : { by: last.approved_by, at: instantOf(last.at.getTime()) };
}

interface Said {
  type: string;
  actor: Actor;
  key_ref: KeyRef | null;
}

/**
 * Who started an offboarding, and the platform key that it has made for itself, as the ledger has it.
 * @throws Refusal OPERATION_UNKNOWN
 */
export async function findOffboarding(
  queries: Queries,
  organization: OrganizationId,
  operationId: OperationId,
): Promise<{ readonly startedBy: Actor; readonly newPlatformKey: KeyRef | null }> {
  const said = await queries.$queryRaw<Said[]>`
    SELECT type, entry::jsonb -> 'actor' AS actor, entry::jsonb #>> '{body,keyRef}' AS key_ref FROM ledger_entry
    WHERE organization_id = ${organization}::uuid AND operation_id = ${operationId}::uuid
      AND type IN ('operation-opened', 'platform-key-created') ORDER BY index`;
  const opened = said.find(({ type }) => type === 'operation-opened');
  if (opened === undefined) throw new Refusal('OPERATION_UNKNOWN');
  return {
    startedBy: opened.actor,
    newPlatformKey: said.find(({ type }) => type === 'platform-key-created')?.key_ref ?? null,
  };
}

/** Launched, so that a platform key may have been made for it. */
const LAUNCHED = Prisma.sql`EXISTS (
  SELECT FROM ledger_entry e WHERE e.organization_id = o.organization_id AND e.operation_id = o.id
    AND e.type = 'live-launched')`;

/** Ended before its switch, launched, and nothing says what became of its key. */
export const SPARE_LEFT = Prisma.sql`o.kind = 'offboard' AND o.stage = 'closed' AND o.outcome <> 'completed' AND ${LAUNCHED}
  AND NOT EXISTS (
    SELECT FROM ledger_entry e WHERE e.organization_id = o.organization_id AND e.operation_id = o.id
      AND e.type = 'spare-platform-key-retired')`;

export async function wasLaunched(
  queries: Queries,
  organization: OrganizationId,
  operationId: OperationId,
): Promise<boolean> {
  const rows = await queries.$queryRaw<object[]>`
    SELECT 1 FROM operation o
    WHERE o.id = ${operationId}::uuid AND o.organization_id = ${organization}::uuid AND ${LAUNCHED}`;
  return rows.length > 0;
}

export async function findSpareLeft(
  queries: Queries,
  organization: OrganizationId,
  operationId: OperationId,
): Promise<OperationRecord | null> {
  const rows = await queries.$queryRaw<object[]>`
    SELECT 1 FROM operation o
    WHERE o.id = ${operationId}::uuid AND o.organization_id = ${organization}::uuid AND ${SPARE_LEFT}`;
  return rows.length === 0 ? null : findOperation(queries, organization, operationId);
}
