import { randomBytes, randomUUID } from 'node:crypto';
import type { Sent } from '../../../activities/sender';
import type { Permission, Role } from '../../../domain/actor';
import type { OrganizationName } from '../../../domain/ids';
import { actorPayloadDigest } from '../../../domain/message';
import { DEPLOYMENT, signActor, signApproval } from '../../fakes/authority';
import { APPROVER, FAR_FUTURE_S, type World } from '../world/world';
import type { Run } from './run';

/** A message, or a start, with our API's word who sent it; `null`: from somebody in the Temporal UI. */
export function sent(
  organization: OrganizationName,
  action: Permission,
  message: Readonly<Record<string, unknown>>,
  role: Role | null,
  { isStart = false, name = `${role}@example` } = {},
): Sent {
  const updateId = randomUUID();
  const payloadDigest = actorPayloadDigest(message);
  const claims = {
    organization,
    action,
    payloadDigest,
    name,
    jti: updateId,
    exp: FAR_FUTURE_S,
  };
  const actor = role === null ? {} : { actor: signActor({ ...claims, role }) };
  return { payload: { ...message, ...actor }, updateId: isStart ? null : updateId, name: updateId };
}

/** @param name whose, where somebody other than the usual one has that role */
export function asked(run: Run, action: Permission, message: object, role: Role | null, name?: string) {
  const { organization, operationId, epoch, stage } = run.standing;
  const by = name === undefined ? {} : { name };
  const said = sent(organization.name, action, { operationId, ...message }, role, by);
  return { organization, operationId, epoch, stage, sent: said };
}

/** The customer's own signature, or somebody's who would like to be the customer. */
export function decision(world: World, run: Run, what: 'approve' | 'reject', isForged = false) {
  const { planDigest, dryRunId, operationId } = run.standing;
  const payload = {
    type: 'smsk-approval/v1',
    deployment: DEPLOYMENT,
    org: world.id,
    operationId,
    dryRunId: dryRunId ?? operationId,
    planDigest: planDigest ?? '0'.repeat(64),
    decision: what,
    role: 'customer-admin',
    credentialId: APPROVER,
    nonce: randomBytes(18).toString('base64url'),
    exp: FAR_FUTURE_S,
  } as const;
  if (!isForged) world.signed.add(`${what}/${payload.planDigest}`);
  const jws = isForged ? signApproval(payload as never, 'somebody else') : signApproval(payload as never);
  return { planDigest: payload.planDigest, evidence: { kind: 'jws', jws } };
}
