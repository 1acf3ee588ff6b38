import { approvedProcess } from './approved';
import { nextSealing } from './sealing';

/** `activateCustomerKey`: from the operator's key to the customer's. */
export const activation = approvedProcess({
  kind: 'activate',
  start: 'startActivation',
  claimsAnew: false,
  endsUnverified: false,
  claim: async ({ custody }, request) => (await custody.claimActivation(request)).standing,
  stage: ({ operator }, step) => ({
    name: `stageVersion ${step.version}`,
    act: () => operator.stageVersion(step).then(() => null),
  }),
  switchOver: ({ custody }, step) => ({ name: 'switchCustody', act: () => custody.switchCustody(step) }),
  seal: nextSealing,
});
