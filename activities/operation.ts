import type { Permission } from '../domain/actor';
import type { ApprovedKind } from '../domain/custody';
import type { OrganizationName } from '../domain/ids';
import type { OperationRecord } from '../store/contract';
import type { CustodyDeps } from './deps';
import { type DryRunSummary, summaryOf } from './dry-run';
import { FIRST_VERSION } from './platform-key';
import { bySystem } from './refusals';
import { demandMay, goingOn, type Sent, senderOf } from './sender';
import { commitStep, type Sender, type Standing, type Step, standingNow, standingOf } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'authority'>;

export interface Claimed {
  readonly standing: Standing;
  /** Who holds the epoch: the run that asked. A reset run finds another one's name in its history. */
  readonly claimant: string;
  readonly dryRun: DryRunSummary | null;
}

/** What a workflow was started with, and the run that asks. */
interface Start {
  readonly name: OrganizationName;
  readonly claimant: string;
  readonly sent: Sent;
}

type Claiming = Omit<Start, 'sent'> & { readonly sent: Sent | null };

/**
 * The organization with its `create` operation; again by the same run: the same. A later run takes over what an earlier
 * one left unfinished; one that is started only to go on needs nobody's word for it.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, ORGANIZATION_EXISTS, OPERATION_UNKNOWN
 */
export async function openOrganization(deps: Deps, { name, claimant, sent }: Start): Promise<Standing> {
  const about = { organization: name, operationId: null };
  const sender = await senderOf(deps, about, 'createOrganization', sent);
  const lost = goingOn(sent);
  if (lost.only !== undefined) {
    const request = { organization: name, kind: 'create', claimant, ...sender, ...lost } as const;
    return standingOf(await deps.store.claim(request), name);
  }
  demandMay(sender, 'createOrganization');
  return standingOf(await deps.store.createOrganization({ name, claimant, ...sender }), name);
}

/**
 * Opens the activation, or takes the open one over under the next epoch, which fences out whoever held it.
 * `sent` is `null` for a run that goes on where an earlier one stood.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, ORGANIZATION_UNKNOWN, ALREADY_ACTIVE, OPERATION_UNKNOWN
 */
export async function claimActivation(deps: Deps, claiming: Claiming): Promise<Claimed> {
  const { name, sent } = claiming;
  const about = { organization: name, operationId: null };
  const sender = sent === null ? bySystem() : await senderOf(deps, about, 'startActivation', sent);
  return claimed(deps, claiming, 'activate', 'startActivation', sender);
}

/**
 * The same for a change of connection.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, ORGANIZATION_UNKNOWN, NOT_CUSTOMER_CUSTODY, OPERATION_OPEN, OPERATION_UNKNOWN
 */
export async function claimConnectionChange(deps: Deps, claiming: Claiming): Promise<Claimed> {
  const { name, sent } = claiming;
  const about = { organization: name, operationId: null };
  const sender = sent === null ? bySystem() : await senderOf(deps, about, 'startConnectionChange', sent);
  return claimed(deps, claiming, 'change-connection', 'startConnectionChange', sender);
}

async function claimed(
  { store }: Deps,
  { name, claimant, sent }: Claiming,
  kind: ApprovedKind,
  permission: Permission,
  sender: Sender,
): Promise<Claimed> {
  const lost = sent === null ? {} : goingOn(sent);
  if (sent !== null && lost.only === undefined) demandMay(sender, permission);
  const record = await store.claim({ organization: name, kind, claimant, ...sender, ...lost });
  return claimedAs(store, record, { name, claimant });
}

/** What a run needs to know of the operation that it has claimed. */
export async function claimedAs(
  store: Pick<Deps['store'], 'dryRun'>,
  record: OperationRecord,
  { name, claimant }: Pick<Claiming, 'name' | 'claimant'>,
): Promise<Claimed> {
  const { id, dryRunId } = record;
  const dryRun = dryRunId === null ? null : await store.dryRun(id, dryRunId);
  return { standing: standingOf(record, name), claimant, dryRun: dryRun && summaryOf(dryRun) };
}

/** The end of `createOrganization`: version 1 is current, under the organization's own platform key. */
export async function enterPlatformCustody({ store }: Pick<Deps, 'store'>, step: Step): Promise<Standing> {
  await commitStep(
    store,
    step,
    { type: 'custody-switched', custody: 'platform', planDigest: null, currentVersion: FIRST_VERSION },
    'closed',
    { closing: { outcome: 'completed', reason: null } },
  );
  return standingNow(store, step);
}
