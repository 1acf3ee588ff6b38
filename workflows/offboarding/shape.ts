import type { Shape } from '../operation/shape';
import { stepOf } from '../operation/state';
import { platformSealing, platformStaging, records, staging } from '../proxies';
import { afterSwitch } from './after-switch';

/** From the customer's key back to one of the operator's, made for this: wrapped in the platform process. */
export const OFFBOARDING: Shape = {
  kind: 'offboard',
  claimsAnew: true,
  endsUnverified: true,
  claim: (request) =>
    records.claimOffboarding.executeWithOptions({ summary: `claim the offboarding of ${request.name}` }, [
      request,
    ]),
  prepare: (operation) =>
    platformStaging.createNewPlatformKey.executeWithOptions({ summary: 'create a new platform key' }, [
      stepOf(operation, 'new-platform-key', 'once'),
    ]),
  stageVersion: (step) =>
    platformStaging.stageUnderPlatform.executeWithOptions(
      { summary: `key version ${step.version}: unwrap once more, wrap under the new platform key, prove` },
      [step],
    ),
  switchOver: (step) =>
    staging.switchToPlatform.executeWithOptions(
      { summary: 'does the customer’s key still answer? Then switch: point of no return' },
      [step],
    ),
  seal: afterSwitch,
  cleanUp: (operation) =>
    platformSealing.retireSpareKey.executeWithOptions(
      { summary: 'schedule the deletion of the platform key that was made and isn’t used' },
      [stepOf(operation, 'spare-key', 'once')],
    ),
};
