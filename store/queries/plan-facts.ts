import type { OperationKind } from '../../domain/custody';
import { sha256OfText } from '../../domain/digest';
import { Refusal } from '../../domain/failure';
import type {
  ConnectionId,
  DeploymentId,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
} from '../../domain/ids';
import { demandEntitling } from '../../domain/order';
import type { FormerConnection, PlanFacts, PlannedConnection, PlannedOrder } from '../../domain/plan';
import type { Operation } from '../../generated/prisma/client';
import type { Queries } from '../database';
import type { Said } from '../ledger/said';
import { findConnection } from './connection';
import { findCustody } from './custody';
import { findLiveEnvelopes } from './envelopes';
import { findOffboarding } from './offboarding';
import { findLatestOrder } from './orders';
import { findPlatformKey } from './platform-key';

type SaidOf = (organization: OrganizationId) => Promise<Said>;

/**
 * Everything a plan is computed from. The caller's transaction makes it one state: READ ONLY for a dry-run,
 * under the ledger head's lock for the switch.
 * @param saidOf what the organization's ledger says, in the same transaction
 * @throws Refusal LEDGER_BEHIND, LEDGER_MISMATCH, OPERATION_UNKNOWN, ORDER_MISSING, ORDER_WITHDRAWN, VERIFICATION_MISSING, NOT_READY (the
 *   organization is still being created)
 */
export async function readPlanFacts(
  queries: Queries,
  operationId: OperationId,
  deployment: DeploymentId,
  saidOf: SaidOf,
): Promise<PlanFacts> {
  const operation = await queries.operation.findUnique({ where: { id: operationId } });
  if (operation === null) throw new Refusal('OPERATION_UNKNOWN');
  const id = operation.organizationId as OrganizationId;
  const organization = await queries.organization.findUniqueOrThrow({ where: { id } });
  const live = await findLiveEnvelopes(queries, id);
  const frame = {
    deployment,
    organization: { id, name: organization.name as OrganizationName },
    operationId,
    live: live.map(({ version, wrappedSha256, checkValue }) => ({
      version,
      envelopeSha256: wrappedSha256,
      checkValue,
    })),
  };
  const kind = operation.kind as OperationKind;
  switch (kind) {
    case 'activate': {
      const order = await orderOf(queries, id, saidOf);
      const connection = await verifiedConnection(queries, operation);
      const platformKey = await findPlatformKey(queries, id);
      if (platformKey === null || live.length === 0) throw new Refusal('NOT_READY');
      return { ...frame, kind, order, connection, platformKeyRef: platformKey.keyRef };
    }
    case 'change-connection': {
      const order = await orderOf(queries, id, saidOf);
      const connection = await verifiedConnection(queries, operation);
      return { ...frame, kind, order, connection, from: await formerConnection(queries, id) };
    }
    case 'offboard': {
      await verifiedConnection(queries, operation);
      const { startedBy } = await findOffboarding(queries, id, operationId);
      return { ...frame, kind, from: await formerConnection(queries, id), startedBy };
    }
    case 'create':
    case 'rotate':
      throw new Refusal('OPERATION_UNKNOWN', `nothing plans ${kind}`);
    default: {
      const unknown: never = kind;
      throw new Error(`unknown operation ${String(unknown)}`);
    }
  }
}

/** @throws Refusal ORDER_MISSING, ORDER_WITHDRAWN */
async function orderOf(queries: Queries, id: OrganizationId, saidOf: SaidOf): Promise<PlannedOrder> {
  const order = demandEntitling(await findLatestOrder(queries, id, await saidOf(id)));
  return { orderRef: order.orderRef, digest: sha256OfText(order.jws) };
}

/** The connection the operation stands on, by its clean verification. @throws Refusal VERIFICATION_MISSING */
async function verifiedConnection(
  queries: Queries,
  operation: Pick<Operation, 'organizationId' | 'connectionId' | 'verificationIndex'>,
): Promise<PlannedConnection> {
  const { organizationId } = operation;
  const connectionId = operation.connectionId as ConnectionId | null;
  const connection = connectionId === null ? null : await findConnection(queries, connectionId);
  const verifiedBy = operation.verificationIndex as LedgerIndex | null;
  if (connection === null || connection.pinnedKeyRef === null || verifiedBy === null) {
    throw new Refusal('VERIFICATION_MISSING');
  }
  const verification = await queries.verification.findUnique({
    where: { organizationId_ledgerIndex: { organizationId, ledgerIndex: verifiedBy } },
  });
  if (verification === null || !verification.clean) throw new Refusal('VERIFICATION_MISSING');
  const { id, digest, input, pinnedKeyRef: keyRef } = connection;
  return { id, digest, input, keyRef, verifiedBy };
}

/** The connection in use, with the key that the live envelopes need. @throws Refusal NOT_CUSTOMER_CUSTODY */
async function formerConnection(queries: Queries, id: OrganizationId): Promise<FormerConnection> {
  const custody = await findCustody(queries, id);
  const connection =
    custody === null || custody.connectionId === null || custody.sealing
      ? null
      : await findConnection(queries, custody.connectionId);
  if (connection === null || connection.pinnedKeyRef === null) throw new Refusal('NOT_CUSTOMER_CUSTODY');
  const { id: connectionId, digest, pinnedKeyRef: keyRef } = connection;
  return { id: connectionId, digest, keyRef };
}
