import { approvedProcess } from './approved';
import { stepOf } from './run';

/** `offboardCustomerKey`: from the customer's key back to one of the operator's, made for this. */
export const offboarding = approvedProcess({
  kind: 'offboard',
  start: 'startOffboarding',
  claimsAnew: true,
  endsUnverified: true,
  claim: async ({ custody }, request) => (await custody.claimOffboarding(request)).standing,
  prepare({ operator }, run) {
    const step = stepOf(run, 'new-platform-key/once');
    return { name: 'createNewPlatformKey', act: () => operator.createNewPlatformKey(step).then(() => null) };
  },
  stage: ({ operator }, step) => ({
    name: `stageUnderPlatform ${step.version}`,
    act: () => operator.stageUnderPlatform(step).then(() => null),
  }),
  switchOver: ({ custody }, step) => ({
    name: 'switchToPlatform',
    act: () => custody.switchToPlatform(step),
  }),
  seal({ custody }, run) {
    const step = stepOf(run, 'erase/once');
    if (run.done.has('clearCustomerDrift'))
      return { name: 'eraseSuperseded', act: () => custody.eraseSuperseded(step) };
    return { name: 'clearCustomerDrift', act: () => custody.clearCustomerDrift(step).then(() => null) };
  },
  cleanUp({ operator }, run) {
    const step = stepOf(run, 'spare-key/once');
    const act = async () => {
      await operator.retireSpareKey(step);
      run.done.add('cleaned up');
      return run.standing;
    };
    return { name: 'retireSpareKey', act };
  },
});
