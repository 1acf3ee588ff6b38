import { Refusal } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import { isExpected, type MaintenanceWindow } from '../../domain/maintenance';
import { type IncidentNotice, isOfOperation, type Notice, type OperationNotice } from '../../domain/notice';
import { isToldOperation, type Told, type ToldIncident, type ToldOperation } from '../../domain/told';
import type { CustodyDeps } from '../deps';

export type TellingDeps = Pick<CustodyDeps, 'store' | 'authority' | 'logger' | 'notices'>;

/**
 * What is told, as it stands now, and the windows that count.
 * @throws Refusal INPUT_INVALID where the organization has no such incident
 */
export async function toldOfIncident(
  deps: TellingDeps,
  { kind, organization, incident: id }: IncidentNotice,
): Promise<{ told: ToldIncident; windows: readonly MaintenanceWindow[] }> {
  const { deployment, records, statusUrl } = deps.notices;
  const incident = await records.incidentFacts(id);
  if (incident === null || incident.organization.name !== organization)
    throw new Refusal('INPUT_INVALID', 'incident: the organization has none of this number');
  const windows = await windowsOf(deps, incident.organization.id);
  const told = {
    kind,
    deployment,
    incident,
    isExpected: isExpected(windows, incident.openedAt),
    statusUrl: statusUrl(organization),
  };
  return { told, windows };
}

/** @throws Refusal INPUT_INVALID where the organization has no such operation, or its end isn't on record yet */
export async function toldOfOperation(
  { notices }: TellingDeps,
  { kind, organization, operation: id }: OperationNotice,
): Promise<ToldOperation> {
  const { deployment, records, statusUrl } = notices;
  const operation = await records.operationFacts(id);
  if (operation === null || operation.organization.name !== organization)
    throw new Refusal(
      'INPUT_INVALID',
      'operation: the organization has none of this id that people are told of',
    );
  if (kind === 'operation-ended' && operation.end === null)
    throw new Refusal('INPUT_INVALID', 'operation: it hasn’t ended');
  return { kind, deployment, operation, statusUrl: statusUrl(organization) };
}

/** What is told, as it stands now. @throws as those two */
export async function toldOf(deps: TellingDeps, notice: Notice): Promise<Told> {
  return isOfOperation(notice) ? toldOfOperation(deps, notice) : (await toldOfIncident(deps, notice)).told;
}

/** Whose it is. */
export const organizationOf = (told: Told): OrganizationId =>
  isToldOperation(told) ? told.operation.organization.id : told.incident.organization.id;

/**
 * Windows that an enrolled key's signature vouches for, whatever their rows say, and that nobody took back. Where the
 * keys can't be relied on there's none: it's better to page for nothing than not to page.
 */
async function windowsOf(
  { store, authority, notices, logger }: TellingDeps,
  organization: OrganizationId,
): Promise<readonly MaintenanceWindow[]> {
  const declared = (await notices.records.maintenanceWindows(organization)).filter(
    ({ cancelledAt }) => cancelledAt === null,
  );
  if (declared.length === 0) return [];
  try {
    const orders = await store.orders(organization);
    const keys = await authority.rooted(await store.approverKeys(organization), orders, organization);
    const verified = declared.map(async ({ jws, declaredAt }) => {
      const payload = await authority.maintenance(jws, organization, keys, declaredAt).catch(orRefused);
      return payload?.action === 'declare' ? [payload] : [];
    });
    return (await Promise.all(verified)).flat();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    logger.warn(
      { event: 'maintenance.unproved', organization, code: error.code },
      'no maintenance window is gone by: who may declare one can’t be proved',
    );
    return [];
  }
}

function orRefused(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}
