import type { PlatformDeps } from './deps';
import { atEdge } from './edge';
import { retireSpareKey } from './offboarding/closing';
import { createNewPlatformKey, stageUnderPlatform } from './offboarding/staging';
import { createPlatformKey, mintFirstVersion } from './platform-key';
import { provePlatformRecovery, type Recovering } from './recovery/prove';
import { disablePlatformKey, provePlatformRefuses, schedulePlatformKeyDeletion } from './sealing';
import { type StagingStep, stageVersion } from './staging';
import type { Step } from './step';

/** The activities of the platform queue: all that touches the operator's own keys, and nothing else. */
export function createPlatformActivities(deps: PlatformDeps) {
  return atEdge(
    {
      createPlatformKey: (input: Step) => createPlatformKey(deps, input),
      mintFirstVersion: (input: Step) => mintFirstVersion(deps, input),
      stageVersion: (input: StagingStep) => stageVersion(deps, input),
      createNewPlatformKey: (input: Step) => createNewPlatformKey(deps, input),
      stageUnderPlatform: (input: StagingStep) => stageUnderPlatform(deps, input),
      retireSpareKey: (input: Step) => retireSpareKey(deps, input),
      disablePlatformKey: (input: Step) => disablePlatformKey(deps, input),
      provePlatformRefuses: (input: Step & { readonly nth: number }) => provePlatformRefuses(deps, input),
      schedulePlatformKeyDeletion: (input: Step) => schedulePlatformKeyDeletion(deps, input),
      provePlatformRecovery: (input: Recovering) => provePlatformRecovery(deps, input),
    },
    deps.logger,
  );
}
export type PlatformActivities = ReturnType<typeof createPlatformActivities>;
