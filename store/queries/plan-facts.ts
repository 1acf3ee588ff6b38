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
import type { PlanFacts } from '../../domain/plan';
import type { Queries } from '../database';
import type { Said } from '../ledger/said';
import { findConnection } from './connection';
import { findLiveEnvelopes } from './envelopes';
import { findLatestOrder } from './orders';
import { findPlatformKey } from './platform-key';

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
  saidOf: (organization: OrganizationId) => Promise<Said>,
): Promise<PlanFacts> {
  const operation = await queries.operation.findUnique({ where: { id: operationId } });
  if (operation === null) throw new Refusal('OPERATION_UNKNOWN');
  const id = operation.organizationId as OrganizationId;

  const order = await findLatestOrder(queries, id, await saidOf(id));
  if (order === null) throw new Refusal('ORDER_MISSING');
  if (order.kind === 'withdrawal') throw new Refusal('ORDER_WITHDRAWN');

  const connectionId = operation.connectionId as ConnectionId | null;
  const connection = connectionId === null ? null : await findConnection(queries, connectionId);
  const verifiedBy = operation.verificationIndex as LedgerIndex | null;
  if (connection === null || connection.pinnedKeyRef === null || verifiedBy === null) {
    throw new Refusal('VERIFICATION_MISSING');
  }
  const verification = await queries.verification.findUnique({
    where: { organizationId_ledgerIndex: { organizationId: id, ledgerIndex: verifiedBy } },
  });
  if (verification === null || !verification.clean) throw new Refusal('VERIFICATION_MISSING');

  const organization = await queries.organization.findUniqueOrThrow({ where: { id } });
  const platformKey = await findPlatformKey(queries, id);
  const live = await findLiveEnvelopes(queries, id);
  if (platformKey === null || live.length === 0) throw new Refusal('NOT_READY');
  return {
    deployment,
    organization: { id, name: organization.name as OrganizationName },
    operationId,
    order: { orderRef: order.orderRef, digest: sha256OfText(order.jws) },
    connection: {
      id: connection.id,
      digest: connection.digest,
      input: connection.input,
      keyRef: connection.pinnedKeyRef,
      verifiedBy,
    },
    live: live.map(({ version, wrappedSha256, checkValue }) => ({
      version,
      envelopeSha256: wrappedSha256,
      checkValue,
    })),
    platformKeyRef: platformKey.keyRef,
  };
}
