import type { ApproverKey } from '../domain/approval';
import type { Instant, OrganizationId } from '../domain/ids';
import { MAINTENANCE_TYP, type MaintenancePayload, maintenancePayload } from '../domain/maintenance';
import { signedByCustomer } from './signed-by-customer';
import type { Trust } from './trust';

/** An enrolled key's word that its holder works on the key, or doesn't. @throws Refusal as {@link signedByCustomer}. */
export async function verifyMaintenance(
  trust: Trust,
  jws: string,
  organization: OrganizationId,
  keys: readonly ApproverKey[],
  now: Instant,
): Promise<MaintenancePayload> {
  const kind = { typ: MAINTENANCE_TYP, schema: maintenancePayload };
  const { deployment } = trust;
  const { payload } = await signedByCustomer(jws, kind, keys, { deployment, organization, now });
  return payload;
}
