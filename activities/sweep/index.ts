import type { OrganizationName } from '../../domain/ids';
import { atEdge } from '../edge';
import type { PlatformSweepDeps, SweepDeps } from './deps';
import { probeOrganization, sweepCustomerKeys, sweepPlatformKeys, sweepRecords } from './sweep';

export type { PlatformSweepDeps, SweepDeps } from './deps';
export { type SweepSettings, sweepSettings } from './settings';

/** Of the custody queue. */
export function createSweepActivities(deps: SweepDeps) {
  return atEdge(
    {
      sweepCustomerKeys: (_: undefined) => sweepCustomerKeys(deps),
      sweepRecords: (_: undefined) => sweepRecords(deps),
      probeOrganization: (input: { readonly organization: OrganizationName }) =>
        probeOrganization(deps, input),
      completeSweep: (_: undefined) => deps.store.completeSweep('customer-key'),
    },
    deps.logger,
  );
}
export type SweepActivities = ReturnType<typeof createSweepActivities>;

/** Of the platform queue. */
export function createPlatformSweepActivities(deps: PlatformSweepDeps) {
  return atEdge({ sweepPlatformKeys: (_: undefined) => sweepPlatformKeys(deps) }, deps.logger);
}
export type PlatformSweepActivities = ReturnType<typeof createPlatformSweepActivities>;
