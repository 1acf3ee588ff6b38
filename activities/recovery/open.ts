import { attribute, ownerOf } from '../../domain/attribution';
import type { Custody, ProviderName } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import type { OrganizationName } from '../../domain/ids';
import { hasServiceImpact, type IncidentRecord } from '../../domain/incident';
import { CONTROL_UNKNOWN, type ControlProbe } from '../../domain/ports/control-probe';
import type { OwnerOf } from '../../store/contract';
import type { CustodyDeps } from '../deps';

/** An open incident, as its recovery knows it. */
export interface OpenIncident
  extends Pick<IncidentRecord, 'id' | 'code' | 'owner' | 'firstRefusalAt' | 'refusals' | 'probes'> {
  readonly custody: Custody;
  readonly provider: ProviderName | null;
  readonly hasImpact: boolean;
  readonly acknowledged: boolean;
}

/**
 * Who can mend what is refused. Asked here, and in the minute's round, and not where content is refused: that path
 * waits for nobody. An incident that is over can't be compared any more.
 */
export const ownersBy =
  (controlProbe: ControlProbe): OwnerOf =>
  async ({ connection, code, isOver }) =>
    isOver ? attribute(connection, code, CONTROL_UNKNOWN) : ownerOf(controlProbe, connection, code);

/**
 * Writes the ledger's entry of the organization's open incident, if it isn't there yet.
 * @returns `null`: none is open
 * @throws Refusal ORGANIZATION_UNKNOWN
 */
export async function openIncident(
  { store, controlProbe }: Pick<CustodyDeps, 'store' | 'controlProbe'>,
  { organization: name }: { readonly organization: OrganizationName },
): Promise<OpenIncident | null> {
  const organization = await store.organizationByName(name);
  if (organization === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  await store.recordIncidents(ownersBy(controlProbe), organization.id);
  const status = await store.status(name);
  if (status?.incident == null) return null;
  const { id, code, owner, firstRefusalAt, refusals, probes, notes } = status.incident;
  return {
    ...{ id, code, owner, firstRefusalAt, refusals, probes },
    custody: status.custody?.custody ?? 'platform',
    provider: status.custody?.custody === 'customer' ? (status.connection?.input.provider ?? null) : null,
    hasImpact: hasServiceImpact(status.incident),
    acknowledged: notes.some(({ acknowledges }) => acknowledges),
  };
}
