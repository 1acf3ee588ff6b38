import type { ChangeOf } from '../../../domain/change';
import { Refusal } from '../../../domain/failure';
import { MOST_ENDPOINTS } from '../../../domain/webhook';
import type { Step } from '../step';
import { counting } from './unfenced';

export async function endpointRegistered(step: Step, change: ChangeOf<'endpoint-registered'>): Promise<void> {
  const { tx, organization: organizationId, index } = step;
  const registered = await tx.noticeEndpoint.count({ where: { organizationId } });
  const removed = await tx.noticeEndpointRemoval.count({ where: { organizationId } });
  if (registered - removed >= MOST_ENDPOINTS)
    throw new Refusal('INPUT_INVALID', `url: there are ${MOST_ENDPOINTS} endpoints already; remove one`);
  const { endpoint: endpointId, url } = change;
  await tx.noticeEndpoint.create({ data: { organizationId, ledgerIndex: index, endpointId, url } });
}

/** @throws Refusal ENDPOINT_UNKNOWN */
export async function endpointRemoved(step: Step, { endpoint }: ChangeOf<'endpoint-removed'>): Promise<void> {
  const { tx, organization: organizationId, index } = step;
  const where = { organizationId_endpointId: { organizationId, endpointId: endpoint } };
  const known = await tx.noticeEndpoint.findUnique({ where });
  const removed = await tx.noticeEndpointRemoval.findUnique({ where });
  if (known === null || removed !== null) throw new Refusal('ENDPOINT_UNKNOWN');
  await tx.noticeEndpointRemoval.create({
    data: { organizationId, ledgerIndex: index, endpointId: endpoint },
  });
}

/** @throws Refusal APPROVAL_REPLAYED, APPROVAL_KEY_REMOVED */
export async function maintenanceDeclared(
  step: Step,
  change: ChangeOf<'maintenance-declared'>,
): Promise<void> {
  const { tx, organization: organizationId, index } = step;
  const { nonce, credentialId, from: startsAt, until: endsAt, reason, jws } = change;
  await demandFresh(step, change);
  await tx.maintenanceWindow.create({
    data: { organizationId, ledgerIndex: index, nonce, credentialId, startsAt, endsAt, reason, jws },
  });
}

/** @throws Refusal MAINTENANCE_UNKNOWN, APPROVAL_REPLAYED, APPROVAL_KEY_REMOVED */
export async function maintenanceCancelled(
  step: Step,
  change: ChangeOf<'maintenance-cancelled'>,
): Promise<void> {
  const { tx, organization: organizationId, index } = step;
  const { nonce, cancels, credentialId, jws } = change;
  await demandFresh(step, change);
  const declared = await tx.maintenanceWindow.findUnique({
    where: { organizationId_nonce: { organizationId, nonce: cancels } },
  });
  const cancelled = await tx.maintenanceCancellation.findUnique({
    where: { organizationId_cancels: { organizationId, cancels } },
  });
  if (declared === null || cancelled !== null) throw new Refusal('MAINTENANCE_UNKNOWN');
  await tx.maintenanceCancellation.create({
    data: { organizationId, ledgerIndex: index, nonce, cancels, credentialId, jws },
  });
}

/** Signed once, by a key that counts now: judged under the ledger's lock. */
async function demandFresh(
  step: Step,
  { nonce, credentialId }: { readonly nonce: string; readonly credentialId: string },
): Promise<void> {
  const { tx, organization: organizationId } = step;
  const where = { organizationId_nonce: { organizationId, nonce } };
  const used =
    (await tx.maintenanceWindow.findUnique({ where })) ??
    (await tx.maintenanceCancellation.findUnique({ where }));
  if (used !== null) throw new Refusal('APPROVAL_REPLAYED');
  if (!(await counting(step)).includes(credentialId)) throw new Refusal('APPROVAL_KEY_REMOVED');
}
