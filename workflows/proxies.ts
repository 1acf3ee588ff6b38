import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { AuditActivities } from '../activities/audit';
import type { CustodyActivities } from '../activities/custody';
import type { PlatformActivities } from '../activities/platform';
import type { PlatformSweepActivities, SweepActivities } from '../activities/sweep';
import { VERIFICATION_ATTEMPTS } from '../domain/finding';
import { TASK_QUEUES } from './contract/queues';

/** A worker that was killed is noticed so soon; its activity goes to another one. */
const HEARTBEAT = '10 s';

/** Reads and judgements without a side effect: no round trip to the server. */
export const judgements = proxyLocalActivities<
  Pick<
    CustodyActivities,
    'workflowSettings' | 'identifyActor' | 'planVersions' | 'sealingProgress' | 'rotationVersions'
  >
>({
  startToCloseTimeout: '10 s',
  // They read the database at most; trouble with that passes, and refusals aren't retried.
  retry: { initialInterval: '200 ms', maximumInterval: '10 s' },
});

/** Commits. */
export const records = proxyActivities<
  Omit<
    CustodyActivities,
    | 'workflowSettings'
    | 'identifyActor'
    | 'planVersions'
    | 'sealingProgress'
    | 'rotationVersions'
    | 'verifyConnection'
    | 'verifyForRotation'
    | 'computeDryRun'
    | 'mintVersion'
    | 'switchToPlatform'
    | 'proveRecovery'
    | 'rewrapVersion'
    | 'mintNextVersion'
    | 'moveVersion'
    | 'removeHistory'
    | 'deliverNotice'
  >
>({
  startToCloseTimeout: '15 s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  // For ever: what fails here beside a refusal (never retried) is our own database, and nothing can go on
  // without it. The same key makes a commit whose answer was lost harmless.
  retry: { initialInterval: '200 ms', maximumInterval: '30 s' },
});

/** Verification and dry-run. */
export const probes = proxyActivities<
  Pick<CustodyActivities, 'verifyConnection' | 'verifyForRotation' | 'computeDryRun'>
>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  // A few times only: somebody waits for the findings, and can run it again when the provider is back.
  retry: { initialInterval: '200 ms', maximumInterval: '5 s', maximumAttempts: VERIFICATION_ATTEMPTS },
});

/** Before the switch, under the customer's keys. */
export const staging = proxyActivities<
  Pick<
    CustodyActivities,
    'mintVersion' | 'rewrapVersion' | 'mintNextVersion' | 'moveVersion' | 'switchToPlatform'
  >
>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  // A few minutes: the lock is held meanwhile. After that the plan is given up and verification says why.
  retry: { initialInterval: '200 ms', maximumInterval: '30 s', maximumAttempts: 10 },
});

/** The same in the platform process, which alone can unwrap what the platform's key wrapped. */
export const platformStaging = proxyActivities<
  Pick<
    PlatformActivities,
    'stageVersion' | 'createPlatformKey' | 'mintFirstVersion' | 'createNewPlatformKey' | 'stageUnderPlatform'
  >
>({
  taskQueue: TASK_QUEUES.platform,
  startToCloseTimeout: '60 s',
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  // As above.
  retry: { initialInterval: '200 ms', maximumInterval: '30 s', maximumAttempts: 10 },
});

/** After the switch, or after an end without one, in the platform process. */
export const platformSealing = proxyActivities<
  Pick<
    PlatformActivities,
    'disablePlatformKey' | 'provePlatformRefuses' | 'schedulePlatformKeyDeletion' | 'retireSpareKey'
  >
>({
  taskQueue: TASK_QUEUES.platform,
  startToCloseTimeout: '60 s',
  heartbeatTimeout: HEARTBEAT,
  // For ever: after the switch nothing gives up. What isn't retried here is tried again by `sealing.ts`.
  retry: { initialInterval: '200 ms', maximumInterval: '1 min' },
});

const LOOKING = {
  startToCloseTimeout: '60 s',
  heartbeatTimeout: HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  // For ever: a refusal is an answer, and what fails is our own database or a worker that was killed.
  retry: { initialInterval: '500 ms', maximumInterval: '30 s' },
} as const;

/** Of an incident's recovery. */
export const recoveryProbes = proxyActivities<Pick<CustodyActivities, 'proveRecovery'>>(LOOKING);
export const platformRecoveryProbes = proxyActivities<Pick<PlatformActivities, 'provePlatformRecovery'>>({
  taskQueue: TASK_QUEUES.platform,
  ...LOOKING,
});

/** Of histories that hold what was never to be stored. */
export const removals = proxyActivities<Pick<CustodyActivities, 'removeHistory'>>({
  startToCloseTimeout: '30 s',
  // For ever: the run may have work to finish first, and Temporal deletes in its own time.
  retry: { initialInterval: '500 ms', maximumInterval: '30 s' },
});

/** Sweeps of all that is due: as long as there's something due, but never into the next one's time. */
export const sweeps = proxyActivities<Omit<SweepActivities, 'completeSweep'>>({
  // The schedule ends a run before its period does; what is left is the next one's.
  startToCloseTimeout: '1 h',
  heartbeatTimeout: '30 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // Its worker died, or our database is away: what was leased is leased again when that has ended.
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
});

/** The same in the platform process, which may be away: then the sweep goes on without. */
export const platformSweeps = proxyActivities<PlatformSweepActivities>({
  taskQueue: TASK_QUEUES.platform,
  startToCloseTimeout: '1 h',
  scheduleToStartTimeout: '20 s',
  heartbeatTimeout: '30 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 s', maximumAttempts: 2 },
});

/** Audits of all ledgers that are due. */
export const audits = proxyActivities<Pick<AuditActivities, 'auditLedgers'>>({
  // As sweeps.
  startToCloseTimeout: '1 h',
  heartbeatTimeout: '30 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // Its worker died, or database or signer is away: what was leased is leased again when that has ended.
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
});
export const auditRecorded = proxyActivities<Pick<AuditActivities, 'completeAudit'>>({
  startToCloseTimeout: '15 s',
  // Our own database: as commits.
  retry: { initialInterval: '200 ms', maximumInterval: '30 s' },
});

/** What monitoring goes by. */
export const sweepRecorded = proxyActivities<Pick<SweepActivities, 'completeSweep'>>({
  startToCloseTimeout: '15 s',
  // Our own database: as commits.
  retry: { initialInterval: '200 ms', maximumInterval: '30 s' },
});
