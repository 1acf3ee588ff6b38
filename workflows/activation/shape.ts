import type { Shape } from '../operation/shape';
import { platformStaging, records } from '../proxies';
import { seal } from './sealing';

/** From the operator's key to the customer's: unwrapped in the platform process, and sealed after the switch. */
export const ACTIVATION: Shape = {
  kind: 'activate',
  // Until its own switch custody is the platform's, which nothing else switches.
  claimsAnew: false,
  endsUnverified: false,
  claim: (request) =>
    records.claimActivation.executeWithOptions({ summary: `claim the activation of ${request.name}` }, [
      request,
    ]),
  stageVersion: (step) =>
    platformStaging.stageVersion.executeWithOptions(
      { summary: `key version ${step.version}: wrap under the customer’s key, prove` },
      [step],
    ),
  switchOver: (step) =>
    records.switchCustody.executeWithOptions({ summary: 'switch custody: point of no return' }, [step]),
  seal,
};
