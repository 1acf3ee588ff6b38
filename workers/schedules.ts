import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { AUDIT_SCHEDULE_ID, SWEEP_SCHEDULE_ID, TASK_QUEUES, WORKFLOW_TYPES } from '../workflows/contract';

const CALL_MS = 10_000;
/** Runs in one period: each probes those whose moment has come since the one before it. */
const RUNS_PER_PERIOD = 4;

/** @param periodMs between two probes of one organization */
export const sweepSchedule = (periodMs: number) =>
  ({
    scheduleId: SWEEP_SCHEDULE_ID,
    spec: { intervals: [{ every: Math.max(1_000, Math.round(periodMs / RUNS_PER_PERIOD)) }] },
    // After Temporal was away, one run probes all that is due: those missed would find nothing.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowId: SWEEP_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.sweepForDrift,
      taskQueue: TASK_QUEUES.custody,
      args: [],
      workflowRunTimeout: Math.round(0.9 * periodMs),
      staticSummary: 'Drift checks of every organization that is due',
    },
  }) as const satisfies ScheduleOptions;

/** @param periodMs between two audits of one ledger */
export const auditSchedule = (periodMs: number) =>
  ({
    scheduleId: AUDIT_SCHEDULE_ID,
    spec: { intervals: [{ every: Math.max(1_000, Math.round(periodMs / RUNS_PER_PERIOD)) }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowId: AUDIT_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.auditLedger,
      taskQueue: TASK_QUEUES.custody,
      args: [],
      workflowRunTimeout: Math.round(0.9 * periodMs),
      staticSummary: 'Audits of every ledger that is due',
    },
  }) as const satisfies ScheduleOptions;

/**
 * Makes the schedule what it should be, whatever it was: every worker does it at its start. Somebody's pause stays.
 */
export async function ensureSchedule(client: Client, wanted: ScheduleOptions): Promise<void> {
  await client.withDeadline(Date.now() + CALL_MS, async () => {
    try {
      await client.schedule.create(wanted);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const { spec, policies, action } = wanted;
      await client.schedule
        .getHandle(wanted.scheduleId)
        .update(({ state }) => ({ spec, action, state, ...(policies === undefined ? {} : { policies }) }));
    }
  });
}
