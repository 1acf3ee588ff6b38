import { ApplicationFailure } from '@temporalio/activity';
import { SYSTEM, UNVERIFIED } from '../domain/actor';
import type { ChangeOf } from '../domain/change';
import { describeCode } from '../domain/codes';
import type { OrganizationId, OrganizationName } from '../domain/ids';
import { faultCode, type PayloadFault, wasStored } from '../domain/intake/payload-fault';
import type { ActivityStore, CustodyDeps } from './deps';

type Deps = Pick<CustodyDeps, 'logger'> & {
  readonly store: Pick<ActivityStore, 'commit' | 'organizationByName' | 'recordRefusal'>;
};

/** A run, and the organization that its id names; `null`: it's no id of ours, and the id is nobody's business. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly organization: OrganizationName | null;
}

/** What was refused unread. */
export interface FaultNote extends Run {
  readonly message: 'start' | 'signal' | 'update';
  readonly fault: PayloadFault;
}

/** Puts it on record: the log, and the ledger of the organization, capped there as every refusal. */
export async function recordFault({ store, logger }: Deps, note: FaultNote): Promise<void> {
  const { runId, message, fault } = note;
  const code = faultCode(fault);
  const organization = await organizationOf(store, note);
  logger.warn(
    {
      event: 'intake.refused',
      channel: channelOf(fault),
      message,
      code,
      field: fault.field,
      detector: fault.detector,
      length: fault.length,
      organization: organization?.name ?? null,
      runId,
    },
    'refused what was sent to a workflow',
  );
  if (organization === null) return;
  await store.recordRefusal({ organization: organization.id, subject: 'intake', code, actor: UNVERIFIED });
}

/** The history of `run` holds something that nobody could look at first. */
export async function openIntakeIncident({ store, logger }: Deps, note: FaultNote): Promise<void> {
  const { workflowId, runId, message, fault } = note;
  const { detector, length } = fault;
  const organization = await organizationOf(store, note);
  const change: ChangeOf<'intake-incident-opened'> = {
    type: 'intake-incident-opened',
    workflowId,
    runId,
    message,
    code: faultCode(fault),
    detector,
    length,
  };
  logger.warn(
    { event: 'intake.incident-opened', ...change, organization: organization?.name ?? null },
    'a history holds what was never to be stored; it is deleted',
  );
  await commit(store, organization?.id ?? null, change);
}

/** It's gone. */
export async function closeIntakeIncident({ store, logger }: Deps, run: Run): Promise<void> {
  const { runId } = run;
  const organization = await organizationOf(store, run);
  logger.warn(
    { event: 'intake.incident-closed', runId, organization: organization?.name ?? null },
    'the history is deleted',
  );
  await commit(store, organization?.id ?? null, { type: 'intake-incident-closed', runId });
}

/**
 * Has the history deleted.
 * @throws ApplicationFailure NOT_READY, to be tried again, until it's gone
 */
export async function removeHistory({ histories }: Pick<CustodyDeps, 'histories'>, run: Run): Promise<void> {
  const state = await histories.remove(run);
  if (state === 'gone') return;
  throw ApplicationFailure.create({
    type: 'NOT_READY',
    message: `NOT_READY: ${describeCode('NOT_READY').text} (the run is ${state})`,
    category: 'BENIGN',
  });
}

const channelOf = (fault: PayloadFault): 'temporal' | 'temporal-ui' =>
  wasStored(fault) ? 'temporal' : 'temporal-ui';

async function organizationOf(store: Deps['store'], { organization }: Run) {
  return organization === null ? null : store.organizationByName(organization);
}

/** One entry of each kind for a run, however often it's tried. */
async function commit(
  store: Deps['store'],
  organization: OrganizationId | null,
  change: ChangeOf<'intake-incident-opened' | 'intake-incident-closed'>,
): Promise<void> {
  if (organization === null) return;
  await store.commit({
    idempotencyKey: `${change.type}/${change.runId}`,
    actor: SYSTEM,
    fence: null,
    organization,
    change,
  });
}
