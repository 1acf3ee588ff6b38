import { type ApprovedKind, isApproved } from '../domain/custody';
import { Refusal } from '../domain/failure';
import type { OperationId } from '../domain/ids';
import type { Action } from '../domain/stages';
import type { OrganizationRecord } from '../store/contract';
import { actorPayloadDigest } from '../workflows/contract';
import type { Caller } from './access';
import type { ApiDeps } from './deps';
import type { Accepted } from './shapes/operation';
import { signedBy } from './sign';

export interface Sending {
  readonly action: Action;
  /** Fields of the message, of their form. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
  readonly delivery: 'update' | 'signal';
}

/**
 * Sends a message to the organization's open operation, with our word who sent it. Whether it's possible at the
 * present stage is the workflow's to say: the database may be a step behind it.
 * @throws Refusal OPERATION_UNKNOWN, IDEMPOTENCY_KEY_REUSED, NO_WORKER, and what the workflow refuses
 */
export async function send(
  deps: ApiDeps,
  caller: Caller & { organization: OrganizationRecord },
  { action, payload, idempotencyKey, delivery }: Sending,
): Promise<Accepted> {
  const { organization } = caller;
  const { kind, operationId } = await addressed(deps, organization, payload['operationId']);
  const to = { kind, organization: organization.name };
  const message = await signedBy(
    deps,
    caller,
    organization.name,
    action,
    { ...payload, operationId },
    delivery,
    delivery === 'update' ? idempotencyKey : null,
  );
  const operation = `${deps.settings.url}/v1/organizations/${organization.name}/operations/${operationId}`;

  if (delivery === 'signal') {
    if (action !== 'approve' && action !== 'reject')
      throw new Refusal('INTERNAL', 'only decisions are signals');
    await deps.messenger.signal(to, action, message);
    return { operationId, action, stage: null, judged: false, operation };
  }
  const acknowledged = await deps.messenger.update(to, action, message, idempotencyKey);
  // Temporal answers a repeated update id with the first one's answer, whatever was sent the second time.
  const isOfThis =
    acknowledged.action === action &&
    acknowledged.operationId === operationId &&
    acknowledged.payloadDigest === actorPayloadDigest(message);
  if (!isOfThis) throw new Refusal('IDEMPOTENCY_KEY_REUSED');
  const { stage, judged } = acknowledged;
  return { operationId, action, stage, judged, operation };
}

/** The operation a message names, or the open one where it names none. A foreign or unknown one never gets to Temporal. */
async function addressed(
  { store }: ApiDeps,
  { id, name }: OrganizationRecord,
  named: unknown,
): Promise<{ kind: ApprovedKind; operationId: OperationId }> {
  const operation =
    typeof named === 'string'
      ? await store.operation(id, named as OperationId)
      : ((await store.status(name))?.operation ?? null);
  if (operation === null || !isApproved(operation.kind)) throw new Refusal('OPERATION_UNKNOWN');
  if (operation.stage === 'closed')
    throw new Refusal('STAGE_MISMATCH', `the operation has ended: ${operation.outcome ?? 'closed'}`);
  return { kind: operation.kind, operationId: operation.id };
}
