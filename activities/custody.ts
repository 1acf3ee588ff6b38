import type { IncidentNotice, Notice } from '../domain/notice';
import type { Reminder } from '../domain/ports/notifier';
import { judgeApproval } from './approval';
import { closeOperation, invalidatePlan, recordHandoff } from './closing';
import { recordConnection, verifyConnection } from './connection';
import type { CustodyDeps } from './deps';
import { computeDryRun, recordReview } from './dry-run';
import { atEdge } from './edge';
import { checkEntitlement } from './entitlement';
import { eraseFormerEnvelopes, eraseSuperseded } from './erasing';
import { recordImpeded } from './impeded';
import {
  closeIntakeIncident,
  type FaultNote,
  openIntakeIncident,
  type Run,
  recordFault,
  removeHistory,
} from './intake';
import { launchLive, planVersions } from './launch';
import { noticeAudience } from './notify/audience';
import { deliverNotice, recordUndelivered, type Telling } from './notify/deliver';
import { logSecurityEvent } from './notify/security-event';
import { judgeOperatorApproval } from './offboarding/approval';
import { claimOffboarding } from './offboarding/claim';
import { clearCustomerDrift } from './offboarding/closing';
import { switchToPlatform } from './offboarding/switch';
import { claimActivation, claimConnectionChange, enterPlatformCustody, openOrganization } from './operation';
import { hearIncidentMessage, type Said } from './recovery/notes';
import { openIncident } from './recovery/open';
import { proveRecovery, type Recovering } from './recovery/prove';
import { type RefusalNote, recordRefusal } from './refused';
import { claimRotation } from './rotation/claim';
import { closeRotation } from './rotation/closing';
import { launchRotation, rotationVersions } from './rotation/launch';
import { mintNextVersion, rewrapVersion } from './rotation/staging';
import { switchRotation } from './rotation/switch';
import { verifyForRotation } from './rotation/verification';
import { enterLive, erasePlatformEnvelopes, recordSealed, sealingProgress } from './sealing';
import { identifyActor, type SenderQuestion } from './sender';
import type { WorkflowSettings } from './settings';
import { mintVersion, moveVersion, type StagingStep } from './staging';
import { switchCustody } from './switch';

type In<F> = F extends (deps: never, input: infer I) => unknown ? I : never;

/** The activities of the custody queue: each is one side effect and the commit that records it. */
export function createCustodyActivities(deps: CustodyDeps) {
  const { operationDeadlineMs, platformRefusals, historyEvents } = deps.settings;
  return atEdge(
    {
      workflowSettings: async (_: undefined): Promise<WorkflowSettings> => ({
        operationDeadlineMs,
        platformRefusals,
        historyEvents,
      }),
      identifyActor: (input: SenderQuestion) => identifyActor(deps, input),
      openOrganization: (input: In<typeof openOrganization>) => openOrganization(deps, input),
      enterPlatformCustody: (input: In<typeof enterPlatformCustody>) => enterPlatformCustody(deps, input),
      claimActivation: (input: In<typeof claimActivation>) => claimActivation(deps, input),
      claimConnectionChange: (input: In<typeof claimConnectionChange>) => claimConnectionChange(deps, input),
      checkEntitlement: (input: In<typeof checkEntitlement>) => checkEntitlement(deps, input),
      recordConnection: (input: In<typeof recordConnection>) => recordConnection(deps, input),
      verifyConnection: (input: In<typeof verifyConnection>) => verifyConnection(deps, input),
      computeDryRun: (input: In<typeof computeDryRun>) => computeDryRun(deps, input),
      recordReview: (input: In<typeof recordReview>) => recordReview(deps, input),
      judgeApproval: (input: In<typeof judgeApproval>) => judgeApproval(deps, input),
      judgeOperatorApproval: (input: In<typeof judgeOperatorApproval>) => judgeOperatorApproval(deps, input),
      switchToPlatform: (input: In<typeof switchToPlatform>) => switchToPlatform(deps, input),
      claimOffboarding: (input: In<typeof claimOffboarding>) => claimOffboarding(deps, input),
      clearCustomerDrift: (input: In<typeof clearCustomerDrift>) => clearCustomerDrift(deps, input),
      launchLive: (input: In<typeof launchLive>) => launchLive(deps, input),
      planVersions: (input: In<typeof planVersions>) => planVersions(deps, input),
      mintVersion: (input: StagingStep) => mintVersion(deps, input),
      moveVersion: (input: StagingStep) => moveVersion(deps, input),
      switchCustody: (input: In<typeof switchCustody>) => switchCustody(deps, input),
      sealingProgress: (input: In<typeof sealingProgress>) => sealingProgress(deps, input),
      recordSealed: (input: In<typeof recordSealed>) => recordSealed(deps, input),
      erasePlatformEnvelopes: (input: In<typeof erasePlatformEnvelopes>) =>
        erasePlatformEnvelopes(deps, input),
      claimRotation: (input: In<typeof claimRotation>) => claimRotation(deps, input),
      verifyForRotation: (input: In<typeof verifyForRotation>) => verifyForRotation(deps, input),
      launchRotation: (input: In<typeof launchRotation>) => launchRotation(deps, input),
      rotationVersions: (input: In<typeof rotationVersions>) => rotationVersions(deps, input),
      rewrapVersion: (input: In<typeof rewrapVersion>) => rewrapVersion(deps, input),
      mintNextVersion: (input: In<typeof mintNextVersion>) => mintNextVersion(deps, input),
      switchRotation: (input: In<typeof switchRotation>) => switchRotation(deps, input),
      eraseSuperseded: (input: In<typeof eraseSuperseded>) => eraseSuperseded(deps, input),
      eraseFormerEnvelopes: (input: In<typeof eraseFormerEnvelopes>) => eraseFormerEnvelopes(deps, input),
      closeRotation: (input: In<typeof closeRotation>) => closeRotation(deps, input),
      enterLive: (input: In<typeof enterLive>) => enterLive(deps, input),
      recordHandoff: (input: In<typeof recordHandoff>) => recordHandoff(deps, input),
      invalidatePlan: (input: In<typeof invalidatePlan>) => invalidatePlan(deps, input),
      closeOperation: (input: In<typeof closeOperation>) => closeOperation(deps, input),
      recordImpeded: (input: In<typeof recordImpeded>) => recordImpeded(deps, input),
      recordRefusal: (input: RefusalNote) => recordRefusal(deps, input),
      recordFault: (input: FaultNote) => recordFault(deps, input),
      openIntakeIncident: (input: FaultNote) => openIntakeIncident(deps, input),
      removeHistory: (input: Run) => removeHistory(deps, input),
      closeIntakeIncident: (input: Run) => closeIntakeIncident(deps, input),
      logSecurityEvent: (input: IncidentNotice) => logSecurityEvent(deps, input),
      noticeAudience: (input: Notice) => noticeAudience(deps, input),
      deliverNotice: (input: Telling) => deliverNotice(deps, input),
      recordUndelivered: (input: Telling) => recordUndelivered(deps, input),
      openIncident: (input: In<typeof openIncident>) => openIncident(deps, input),
      proveRecovery: (input: Recovering) => proveRecovery(deps, input),
      hearIncidentMessage: (input: Said) => hearIncidentMessage(deps, input),
      remind: (input: Reminder) => deps.notifier.remind(input),
    },
    deps.logger,
  );
}
export type CustodyActivities = ReturnType<typeof createCustodyActivities>;
