import { Refusal } from '../../domain/failure';
import type { OrganizationName } from '../../domain/ids';
import { present } from '../alive';
import { customerKeys } from './customer-keys';
import type { PlatformSweepDeps, SweepDeps } from './deps';
import { type LaneReport, sweepLane } from './lane';
import { platformKeys } from './platform-keys';
import { records } from './records';

const ended = (): AbortSignal => present()?.cancellationSignal ?? new AbortController().signal;

/** Every customer's key that is due. */
export const sweepCustomerKeys = (deps: SweepDeps): Promise<LaneReport> =>
  sweepLane(deps, 'customer-key', customerKeys(deps), ended());

/** Every row, once an hour. */
export const sweepRecords = (deps: SweepDeps): Promise<LaneReport> =>
  sweepLane(deps, 'records', records(deps), ended());

/** Every former key of the operator's that is due. */
export const sweepPlatformKeys = (deps: PlatformSweepDeps): Promise<LaneReport> =>
  sweepLane(deps, 'platform-key', platformKeys(deps), ended());

/**
 * One organization, due or not, in full.
 * @returns `probed` 0: a sweep is at it just now, or it isn't in customer custody
 * @throws Refusal ORGANIZATION_UNKNOWN
 */
export async function probeOrganization(
  deps: SweepDeps,
  { organization: name }: { readonly organization: OrganizationName },
): Promise<LaneReport> {
  const { store, sweep } = deps;
  const organization = await store.organizationByName(name);
  if (organization === null) throw new Refusal('ORGANIZATION_UNKNOWN');
  const kind = 'customer-key';
  const { periodMs, limits, leaseMs } = sweep[kind];
  const holder = deps.uuid();
  await store.enrolProbes(kind, periodMs);
  try {
    const request = { kind, holder, leaseMs, limits, count: 1, only: organization.id } as const;
    const { probes } = await store.leaseProbes(request);
    const results = await Promise.all(await customerKeys(deps, true)(probes, ended()));
    const probed = await store.settleProbes({ kind, holder }, periodMs, results);
    return { probed, failed: results.filter(({ code }) => code !== 'OK').length };
  } finally {
    await store.releaseProbes(holder);
  }
}
