import type {
  DeploymentId,
  IncidentId,
  Instant,
  LedgerIndex,
  OrganizationId,
  OrganizationName,
  RequestId,
} from '../../../domain/ids';
import type { IncidentFacts } from '../../../domain/incident-facts';
import type { ToldIncident } from '../../../domain/told';

export const OPENED = '2026-03-01T10:00:00.000Z' as Instant;
export const CLOSED = '2026-03-01T12:05:30.000Z' as Instant;

/** An incident of acme's that is open, unless something else is said. */
export const toldOf = (
  change: Partial<ToldIncident> = {},
  incident: Partial<IncidentFacts> = {},
): ToldIncident => ({
  kind: 'incident-opened',
  deployment: 'novantra-test' as DeploymentId,
  isExpected: false,
  statusUrl: 'https://smsk.novantra.test/v1/organizations/acme/status',
  ...change,
  incident: {
    id: '7' as IncidentId,
    organization: {
      id: '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId,
      name: 'acme' as OrganizationName,
    },
    ...{ code: 'KEY_DISABLED', owner: 'customer', requestId: 'r-1' as RequestId, refusals: 12, probes: 1 },
    ...{ openedAt: OPENED, lastRefusalAt: '2026-03-01T12:05:00.000Z' as Instant, closedAt: null },
    entries: { opened: 50 as LedgerIndex, closed: null },
    ...incident,
  },
});
