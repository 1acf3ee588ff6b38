import { ASPECTS } from '../../domain/drift';
import type { OrganizationId, OrganizationName } from '../../domain/ids';
import type { StatusRecord } from '../contract';
import type { Queries } from '../database';
import { findStandingDrift } from '../drift/health';
import { findConnection } from './connection';
import { findCustody } from './custody';
import { findOpenIncident } from './incident';
import { findOperatorApproved } from './offboarding';
import { findPresentOperation } from './operation';
import { findOrganization } from './organizations';
import { findPlatformKey } from './platform-key';

/** One organization's state in full; the caller's transaction makes it one moment. */
export async function readStatus(queries: Queries, name: OrganizationName): Promise<StatusRecord | null> {
  const organization = await findOrganization(queries, name);
  if (organization === null) return null;
  const { id } = organization;
  const custody = await findCustody(queries, id);
  const operation = await findPresentOperation(queries, id);
  const connectionId = custody?.connectionId ?? operation?.connectionId ?? null;
  const next = operation === null || operation.stage === 'closed' ? null : operation.connectionId;
  const drift = await findStandingDrift(queries, id);
  const incident = await findOpenIncident(queries, id);
  const head = await queries.ledgerHead.findUniqueOrThrow({ where: { organizationId: id } });
  return {
    organization,
    custody,
    posture: incident !== null ? 'degraded' : isWarned(drift) ? 'warning' : 'normal',
    operation,
    operatorApproved:
      operation?.kind === 'offboard' && operation.dryRunId !== null
        ? await findOperatorApproved(queries, operation.dryRunId)
        : null,
    connection: connectionId === null ? null : await findConnection(queries, connectionId),
    newConnection: next === null || next === connectionId ? null : await findConnection(queries, next),
    platformKey: await findPlatformKey(queries, id),
    incident,
    drift,
    ledgerSize: head.size,
    handoff: await lastHandoff(queries, id),
  };
}

const isWarned = (drift: StatusRecord['drift']): boolean =>
  drift.some(({ aspect }) => ASPECTS[aspect] !== 'rotation');

async function lastHandoff(
  queries: Queries,
  organizationId: OrganizationId,
): Promise<StatusRecord['handoff']> {
  const row = await queries.handoff.findFirst({
    where: { organizationId },
    orderBy: { ledgerIndex: 'desc' },
  });
  if (row === null) return null;
  const { contacts, runbook } = row as unknown as NonNullable<StatusRecord['handoff']>;
  return { contacts, runbook };
}
