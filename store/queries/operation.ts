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
import type { Operation } from '../../generated/prisma/client';
import type { OperationRecord } from '../contract';
import type { Queries } from '../database';
import { findApproval } from './approvals';

export async function findOperation(
  queries: Queries,
  organizationId: OrganizationId,
  id: OperationId,
): Promise<OperationRecord | null> {
  const row = await queries.operation.findFirst({ where: { id, organizationId } });
  return row === null ? null : operationFrom(queries, row);
}

/** The open one, else the newest. */
export async function findPresentOperation(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<OperationRecord | null> {
  const orderBy = [{ openedAt: 'desc' as const }, { epoch: 'desc' as const }];
  const row =
    (await queries.operation.findFirst({ where: { organizationId, stage: { not: 'closed' } }, orderBy })) ??
    (await queries.operation.findFirst({ where: { organizationId }, orderBy }));
  return row === null ? null : operationFrom(queries, row);
}

/** Review and approval count only if they are of the dry-run that counts. */
export async function operationFrom(queries: Queries, row: Operation): Promise<OperationRecord> {
  const dryRunId = row.dryRunId as DryRunId | null;
  const dryRun =
    dryRunId === null
      ? null
      : await queries.dryRun.findUnique({ where: { id: dryRunId }, select: { planDigest: true } });
  const review =
    dryRunId === null
      ? null
      : await queries.dryRunReview.findUnique({ where: { dryRunId }, select: { ledgerIndex: true } });
  const approval = dryRunId === null ? null : await findApproval(queries, dryRunId);
  return {
    id: row.id as OperationId,
    organization: row.organizationId as OrganizationId,
    kind: row.kind as OperationKind,
    epoch: row.epoch as Epoch,
    stage: row.stage as OperationStage,
    holdsLock: row.holdsLock,
    connectionId: row.connectionId as ConnectionId | null,
    dryRunId,
    planDigest: (dryRun?.planDigest ?? null) as Sha256Hex | null,
    reviewed: review !== null,
    approved: approval !== null,
    outcome: row.outcome as Outcome | null,
    reason: row.reason as Code | null,
    stageSince: instantOf(row.stageSince.getTime()),
    openedAt: instantOf(row.openedAt.getTime()),
  };
}
