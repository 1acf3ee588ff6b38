import type { Shape } from '../operation/shape';
import { records, staging } from '../proxies';
import { seal } from './sealing';

/** From one connection of the customer's to another: unwrapped under the key in use, which serves until the switch. */
export const CONNECTION_CHANGE: Shape = {
  kind: 'change-connection',
  claimsAnew: true,
  endsUnverified: false,
  claim: (request) =>
    records.claimConnectionChange.executeWithOptions(
      { summary: `claim the change of connection of ${request.name}` },
      [request],
    ),
  stageVersion: (step) =>
    staging.moveVersion.executeWithOptions(
      { summary: `key version ${step.version}: wrap under the new key, prove` },
      [step],
    ),
  switchOver: (step) =>
    records.switchCustody.executeWithOptions({ summary: 'switch custody: point of no return' }, [step]),
  seal,
};
