import type { Actor } from '../domain/actor';
import type { OrganizationName } from '../domain/ids';
import type { CustodyDeps } from './deps';
import { type DryRunSummary, summaryOf } from './dry-run';
import { FIRST_VERSION } from './platform-key';
import { commitStep, type Standing, type Step, standingNow, standingOf } from './step';

type Deps = Pick<CustodyDeps, 'store'>;

export interface Claimed {
  readonly standing: Standing;
  /** Who holds the epoch: the run that asked. A reset run finds another one's name in its history. */
  readonly claimant: string;
  readonly dryRun: DryRunSummary | null;
}

/** The organization with its `create` operation; again by the same run: the same. */
export async function openOrganization(
  { store }: Deps,
  { name, claimant, actor }: { name: OrganizationName; claimant: string; actor: Actor },
): Promise<Standing> {
  return standingOf(await store.createOrganization({ name, claimant, actor }), name);
}

/**
 * Opens the activation, or takes the open one over under the next epoch, which fences out whoever held it.
 * @throws Refusal ORGANIZATION_UNKNOWN, ALREADY_ACTIVE
 */
export async function claimActivation(
  { store }: Deps,
  { name, claimant, actor }: { name: OrganizationName; claimant: string; actor: Actor },
): Promise<Claimed> {
  const record = await store.claim({ organization: name, kind: 'activate', claimant, actor });
  const dryRun = record.dryRunId === null ? null : await store.dryRun(record.id, record.dryRunId);
  return { standing: standingOf(record, name), claimant, dryRun: dryRun && summaryOf(dryRun) };
}

/** The end of `createOrganization`: version 1 is current, under the organization's own platform key. */
export async function enterPlatformCustody({ store }: Deps, step: Step): Promise<Standing> {
  await commitStep(
    store,
    step,
    { type: 'custody-switched', custody: 'platform', planDigest: null, currentVersion: FIRST_VERSION },
    'closed',
    { closing: { outcome: 'completed', reason: null } },
  );
  return standingNow(store, step);
}
