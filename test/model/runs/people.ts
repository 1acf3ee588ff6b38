import type { Ending } from '../../../activities/closing';
import type { ConnectionId, DryRunId } from '../../../domain/ids';
import type { World } from '../world/world';
import { asked, decision } from './messages';
import { placeOf, type Run, type Step, stepOf } from './run';

/** What people ask of an operation that they approve; the same messages, where nobody waits for them. */
export function connect(world: World, run: Run): Step {
  const connection = world.customer.input();
  const step = {
    ...asked(run, 'submitConnection', { connection }, 'customer-admin'),
    connectionId: world.uuid() as ConnectionId,
  };
  return { name: 'recordConnection', act: () => world.custody.recordConnection(step) };
}

export function verify(world: World, run: Run): Step {
  const own = { ...stepOf(run, `verification/${world.uuid()}`), sent: null };
  const isAskedFor = run.standing.stage !== 'verification';
  const step = isAskedFor ? { ...own, ...asked(run, 'runVerification', {}, 'support') } : own;
  const act = async () => {
    const { standing } = await world.custody.verifyConnection(step);
    run.done.delete('computeDryRun');
    return standing;
  };
  return { name: 'verifyConnection', act };
}

export function plan(world: World, run: Run): Step {
  const step = {
    ...asked(run, 'launchDryRun', { dryRun: true }, 'support'),
    dryRunId: world.uuid() as DryRunId,
  };
  const act = async () => {
    const { standing } = await world.custody.computeDryRun(step);
    run.done.delete('claim anew');
    return standing;
  };
  return { name: 'computeDryRun', act };
}

export function decide(world: World, run: Run, what: 'approve' | 'reject', isForged = false): Step {
  const step = { ...asked(run, what, decision(world, run, what, isForged), null), decision: what };
  return { name: `judgeApproval ${what}`, act: () => world.custody.judgeApproval(step) };
}

/** Who would approve an offboarding for the operator. One of them may. */
export const OPERATORS = {
  approver: { role: 'approver', name: 'second@example' },
  starter: { role: 'approver', name: 'Support@example' },
  support: { role: 'support', name: 'second@example' },
  nobody: { role: null, name: 'second@example' },
} as const;

export function approveAsOperator(world: World, run: Run, who: keyof typeof OPERATORS): Step {
  const { role, name } = OPERATORS[who];
  const planDigest = run.standing.planDigest ?? ('0'.repeat(64) as never);
  if (who === 'approver') world.signed.add(`approveOffboarding/${planDigest}`);
  const step = asked(run, 'approveOffboarding', { planDigest }, role, name);
  return { name: `judgeOperatorApproval ${who}`, act: () => world.custody.judgeOperatorApproval(step) };
}

export function close(world: World, run: Run, ending: Ending): Step {
  const { stage: _, ...place } = placeOf(run);
  const step = { ...place, ending };
  return { name: `closeOperation ${ending.outcome}`, act: () => world.custody.closeOperation(step) };
}
