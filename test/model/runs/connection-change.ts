import { approvedProcess } from './approved';
import { stepOf } from './run';

/** `changeConnection`: from one of the customer's keys to another. */
export const connectionChange = approvedProcess({
  kind: 'change-connection',
  start: 'startConnectionChange',
  claimsAnew: true,
  endsUnverified: false,
  claim: async ({ custody }, request) => (await custody.claimConnectionChange(request)).standing,
  stage: ({ custody }, step) => ({
    name: `moveVersion ${step.version}`,
    act: () => custody.moveVersion(step).then(() => null),
  }),
  switchOver: ({ custody }, step) => ({ name: 'switchCustody', act: () => custody.switchCustody(step) }),
  seal({ custody }, run) {
    const step = stepOf(run, 'sealing/erase');
    const act = async () => (await custody.eraseFormerEnvelopes(step)).standing;
    return { name: 'eraseFormerEnvelopes', act };
  },
});
