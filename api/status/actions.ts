import { may, type Permission, type Role, WHO_MAY } from '../../domain/actor';
import { ACTIONS, type Action, ALLOWED_ACTIONS, isAllowed, OPERATION_STAGES } from '../../domain/stages';
import type { StatusRecord } from '../../store/contract';
import type { StatusView } from '../shapes/organization';

type Offered = 'startActivation' | Action;

/**
 * Every action, and for each that this caller can't take now, why. The same table (`ALLOWED_ACTIONS`) drives the
 * workflow, so what is offered here is what it accepts, except for what only the workflow sees.
 */
export function actionsFor(status: StatusRecord, role: Role): StatusView['actions'] {
  return (['startActivation', ...ACTIONS] as const).map((action) => {
    const reason = whyNot(action, status, role);
    return { action, allowed: reason === null, reason };
  });
}

function whyNot(action: Offered, status: StatusRecord, role: Role): string | null {
  const { operation, custody } = status;
  const isOpen = operation !== null && operation.stage !== 'closed';
  const stageReason =
    action === 'startActivation'
      ? whyNotStart(status)
      : isOpen && operation.kind === 'activate'
        ? whyNotAt(action, operation)
        : custody?.custody === 'customer'
          ? 'the organization is in customer custody already'
          : 'no activation is open; start one first';
  return stageReason ?? whyNotRole(action, role);
}

function whyNotStart({ operation, custody }: StatusRecord): string | null {
  if (custody?.custody === 'customer') return 'the organization is in customer custody already';
  if (operation !== null && operation.stage !== 'closed') return `an operation is open (${operation.kind})`;
  return null;
}

function whyNotAt(action: Action, operation: NonNullable<StatusRecord['operation']>): string | null {
  if (!isAllowed(operation.stage, action)) {
    const stages = OPERATION_STAGES.filter((stage) => ALLOWED_ACTIONS[stage].includes(action));
    return `possible at ${stages.join(', ')}; the operation is at ${operation.stage}`;
  }
  if (action === 'reviewDryRun' && operation.planDigest === null)
    return 'there is no clean dry-run to review';
  if (action === 'launchLive' && !operation.approved) return 'the plan isn’t approved';
  return null;
}

function whyNotRole(permission: Permission, role: Role): string | null {
  if (may(role, permission)) return null;
  const roles = WHO_MAY[permission].filter((kind) => kind !== 'temporal:unverified');
  return `needs the role ${roles.join(' or ')}`;
}
