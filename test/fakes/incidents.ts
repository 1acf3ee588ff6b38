import type { ProviderCode } from '../../domain/codes';
import type { Connection } from '../../domain/connection';
import { Refusal } from '../../domain/failure';
import type { IncidentId, Instant, OrganizationId, RequestId } from '../../domain/ids';
import type { IncidentRecord, RecoveryProof } from '../../domain/incident';
import type { Store } from '../../store/contract';

/** The outbox of incidents in memory, without the minute's grace. */
export class FakeIncidents {
  readonly all: IncidentRecord[] = [];

  constructor(
    private readonly now: () => Promise<Instant>,
    private readonly inUse: (organization: OrganizationId) => Promise<Connection | null>,
  ) {}

  open(organization: OrganizationId): IncidentRecord | null {
    return this.all.find((each) => each.organization === organization && each.closedAt === null) ?? null;
  }

  async refused(
    what: 'operation' | 'probe',
    organization: OrganizationId,
    code: ProviderCode,
    requestId: RequestId | null = null,
  ): Promise<void> {
    const at = await this.now();
    const counted = { refusals: Number(what === 'operation'), probes: Number(what === 'probe') };
    const open = this.open(organization);
    if (open !== null) {
      return this.change(open, {
        refusals: open.refusals + counted.refusals,
        probes: open.probes + counted.probes,
        lastRefusalAt: at,
        answeredAt: null,
      });
    }
    this.all.push({
      ...{ id: String(this.all.length + 1) as IncidentId, organization, code, requestId, ...counted },
      ...{ owner: null, firstRefusalAt: at, lastRefusalAt: at, detectedAt: null, answeredAt: null },
      ...{ closedAt: null, proof: null, openedIndex: null, closedIndex: null, notes: [] },
    });
  }

  /** What the entries' writer finds out. */
  readonly record: Store['recordIncidents'] = async (ownerOf, only) => {
    let written = 0;
    for (const incident of this.all) {
      if (incident.owner !== null || (only !== undefined && incident.organization !== only)) continue;
      const { code, answeredAt } = incident;
      const connection = (await this.inUse(incident.organization))?.input ?? null;
      const owner = await ownerOf({ connection, code, isOver: answeredAt !== null });
      this.change(incident, { owner });
      written += 1;
    }
    return written;
  };

  async close(
    organization: OrganizationId,
    id: IncidentId,
    since: Instant,
    proof: RecoveryProof,
  ): Promise<boolean> {
    const incident = this.all.find((each) => each.id === id && each.organization === organization);
    if (incident === undefined) throw new Refusal('INCIDENT_UNKNOWN');
    if (incident.closedAt === null && incident.lastRefusalAt < since)
      this.change(incident, { closedAt: await this.now(), proof });
    return this.all.find((each) => each.id === id)?.closedAt !== null;
  }

  change(incident: IncidentRecord, to: Partial<IncidentRecord>): void {
    this.all[this.all.findIndex(({ id }) => id === incident.id)] = { ...incident, ...to };
  }
}
