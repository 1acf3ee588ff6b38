import { may, type Permission, type Role, WHO_MAY } from '../../domain/actor';
import { type ApprovedKind, isApproved } from '../../domain/custody';
import { ACTIONS, type Action, isAllowed, STARTS, type Start, stagesFor } from '../../domain/stages';
import type { StatusRecord } from '../../store/contract';
import type { StatusView } from '../shapes/organization';

type Offered = Start | Action;

/**
 * Every action, and for each that this caller can't take now, why. The same table (`ALLOWED_ACTIONS`) drives the
 * workflow, so what is offered here is what it accepts, except for what only the workflow sees.
 */
export function actionsFor(status: StatusRecord, role: Role): StatusView['actions'] {
  return [...STARTS, ...ACTIONS].map((action) => {
    const reason = whyNot(action, status, role);
    return { action, allowed: reason === null, reason };
  });
}

function whyNot(action: Offered, status: StatusRecord, role: Role): string | null {
  const { operation } = status;
  const isOpen = operation !== null && operation.stage !== 'closed';
  const stageReason = isStart(action)
    ? whyNotStart(action, status)
    : isOpen && isApproved(operation.kind)
      ? whyNotAt(action, operation.kind, operation)
      : 'no operation is open; start one first';
  return stageReason ?? whyNotRole(action, role);
}

const isStart = (offered: Offered): offered is Start => (STARTS as readonly Offered[]).includes(offered);

function whyNotStart(start: Start, { operation, custody, incident }: StatusRecord): string | null {
  const isActive = custody?.custody === 'customer';
  if (start === 'startActivation' && isActive) return 'the organization is in customer custody already';
  if (start !== 'startActivation' && (!isActive || custody.sealing))
    return 'the organization isn’t in customer custody, or its activation isn’t through yet';
  if (operation !== null && operation.stage !== 'closed') return `an operation is open (${operation.kind})`;
  if (start === 'startOffboarding' && incident !== null) return 'an incident is open; restore access first';
  return null;
}

function whyNotAt(
  action: Action,
  kind: ApprovedKind,
  operation: NonNullable<StatusRecord['operation']>,
): string | null {
  if (!isAllowed(kind, operation.stage, action)) {
    const stages = stagesFor(kind, action);
    if (stages.length === 0) return `not part of this operation (${kind})`;
    return `possible at ${stages.join(', ')}; the operation is at ${operation.stage}`;
  }
  if (action === 'reviewDryRun' && operation.planDigest === null)
    return 'there is no clean dry-run to review';
  if (action === 'approveOffboarding' && !operation.approved)
    return 'the customer hasn’t signed the plan yet';
  if (action === 'launchLive' && !operation.approved) return 'the plan isn’t approved';
  return null;
}

function whyNotRole(permission: Permission, role: Role): string | null {
  if (may(role, permission)) return null;
  const roles = WHO_MAY[permission].filter((kind) => kind !== 'temporal:unverified');
  return `needs the role ${roles.join(' or ')}`;
}
