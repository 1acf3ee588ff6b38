import type { Actor } from '../domain/actor';
import type { ChangeOf } from '../domain/change';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import { type MaintenancePayload, windowFault } from '../domain/maintenance';
import type { ApiDeps } from './deps';
import type { MaintenanceSigned } from './shapes/notices';

type Deps = Pick<ApiDeps, 'store' | 'authority'>;

/**
 * What an enrolled key signed: that its holder works on the customer's key for a while, or no longer means to.
 * @throws Refusal APPROVAL_*
 */
export async function verifiedMaintenance(
  { store, authority }: Deps,
  organization: OrganizationId,
  jws: string,
): Promise<MaintenancePayload> {
  const orders = await store.orders(organization);
  const keys = await authority.rooted(await store.approverKeys(organization), orders, organization);
  return authority.maintenance(jws, organization, keys, await store.now());
}

/**
 * Puts it on record. Handed in again, because the answer was lost, it's answered again.
 * @throws Refusal INPUT_INVALID, MAINTENANCE_UNKNOWN, APPROVAL_REPLAYED, APPROVAL_KEY_REMOVED
 */
export async function recordMaintenance(
  { store }: Deps,
  organization: OrganizationId,
  actor: Actor,
  payload: MaintenancePayload,
  jws: string,
): Promise<MaintenanceSigned> {
  const { action, nonce } = payload;
  const fault = action === 'declare' ? windowFault(payload, await store.now()) : null;
  if (fault !== null) throw new Refusal('INPUT_INVALID', fault);
  const { index, at, replayed } = await store.commit({
    idempotencyKey: `maintenance/${nonce}`,
    actor,
    fence: null,
    organization,
    change: changeOf(payload, jws),
  });
  return {
    action,
    nonce: action === 'cancel' ? payload.cancels : nonce,
    recorded: { index, at, replayed },
  };
}

function changeOf(
  payload: MaintenancePayload,
  jws: string,
): ChangeOf<'maintenance-declared' | 'maintenance-cancelled'> {
  const { nonce, credentialId } = payload;
  switch (payload.action) {
    case 'declare': {
      const { from, until, reason } = payload;
      return { type: 'maintenance-declared', nonce, credentialId, from, until, reason, jws };
    }
    case 'cancel':
      return { type: 'maintenance-cancelled', nonce, cancels: payload.cancels, credentialId, jws };
    default: {
      const unknown: never = payload;
      throw new Error(`unknown payload ${String(unknown)}`);
    }
  }
}
