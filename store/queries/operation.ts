import type { Code } from '../../domain/codes';
import type { OperationKind } from '../../domain/custody';
import {
  type ConnectionId,
  type DryRunId,
  type Epoch,
  instantOf,
  type OperationId,
  type OrganizationId,
  type Sha256Hex,
} from '../../domain/ids';
import type { OperationStage, Outcome } from '../../domain/stages';
import { type Operation, Prisma } from '../../generated/prisma/client';
import type { OperationRecord } from '../contract';
import type { Queries } from '../database';

interface Row {
  id: string;
  organization_id: string;
  kind: string;
  epoch: number;
  stage: string;
  holds_lock: boolean;
  connection_id: string | null;
  dry_run_id: string | null;
  plan_digest: string | null;
  reviewed: boolean;
  approved: boolean;
  operator_approved: boolean;
  outcome: string | null;
  reason: string | null;
  stage_since: Date;
  opened_at: Date;
}

/**
 * One round trip, because every step of an operation reads this. Review and approval count only if they are of the
 * dry-run that counts; of decisions the last one.
 */
const OPERATION = Prisma.sql`
  SELECT o.id, o.organization_id, o.kind, o.epoch, o.stage, o.holds_lock, o.connection_id, o.dry_run_id,
    o.outcome, o.reason, o.stage_since, o.opened_at, d.plan_digest, r.dry_run_id IS NOT NULL AS reviewed,
    COALESCE((SELECT a.decision = 'approve' FROM approval a WHERE a.dry_run_id = o.dry_run_id
              ORDER BY a.ledger_index DESC LIMIT 1), false) AS approved,
    EXISTS (SELECT FROM operator_approval s WHERE s.dry_run_id = o.dry_run_id) AS operator_approved
  FROM operation o
  LEFT JOIN dry_run d ON d.id = o.dry_run_id
  LEFT JOIN dry_run_review r ON r.dry_run_id = o.dry_run_id`;

export async function findOperation(
  queries: Queries,
  organizationId: OrganizationId,
  id: OperationId,
): Promise<OperationRecord | null> {
  const [row] = await queries.$queryRaw<Row[]>`
    ${OPERATION} WHERE o.id = ${id}::uuid AND o.organization_id = ${organizationId}::uuid`;
  return row === undefined ? null : recordFrom(row);
}

/**
 * The open one that people wait at, else an open rotation, which goes by itself, else the newest that people waited at:
 * a rotation that has ended is on record elsewhere.
 */
export function findPresentOperation(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<OperationRecord | null> {
  return findFirst(
    queries,
    Prisma.sql`o.organization_id = ${organizationId}::uuid AND (o.kind <> 'rotate' OR o.stage <> 'closed')`,
  );
}

/** The open one, else the newest. */
export function findNewestRotation(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<OperationRecord | null> {
  return findFirst(queries, Prisma.sql`o.organization_id = ${organizationId}::uuid AND o.kind = 'rotate'`);
}

async function findFirst(queries: Queries, where: Prisma.Sql): Promise<OperationRecord | null> {
  const [row] = await queries.$queryRaw<Row[]>`
    ${OPERATION} WHERE ${where} ORDER BY o.stage = 'closed', o.kind = 'rotate', o.opened_at DESC, o.epoch DESC LIMIT 1`;
  return row === undefined ? null : recordFrom(row);
}

/** The record of a row that is there. */
export async function operationFrom(queries: Queries, row: Operation): Promise<OperationRecord> {
  const record = await findOperation(queries, row.organizationId as OrganizationId, row.id as OperationId);
  if (record === null) throw new Error('an operation has gone');
  return record;
}

function recordFrom(row: Row): OperationRecord {
  return {
    id: row.id as OperationId,
    organization: row.organization_id as OrganizationId,
    kind: row.kind as OperationKind,
    epoch: row.epoch as Epoch,
    stage: row.stage as OperationStage,
    holdsLock: row.holds_lock,
    connectionId: row.connection_id as ConnectionId | null,
    dryRunId: row.dry_run_id as DryRunId | null,
    planDigest: row.plan_digest as Sha256Hex | null,
    reviewed: row.reviewed,
    approved: row.approved,
    operatorApproved: row.operator_approved,
    outcome: row.outcome as Outcome | null,
    reason: row.reason as Code | null,
    stageSince: instantOf(row.stage_since.getTime()),
    openedAt: instantOf(row.opened_at.getTime()),
  };
}
