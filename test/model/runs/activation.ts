import type { Ending } from '../../../activities/closing';
import { isProviderCode } from '../../../domain/codes';
import type { ConnectionId, DryRunId, KeyVersion, Sha256Hex } from '../../../domain/ids';
import type { World } from '../world/world';
import { asked, decision, sent } from './messages';
import { type Process, placeOf, type Run, type Step, stepOf } from './run';
import { nextSealing } from './sealing';

const HANDOFF = {
  contacts: [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' }],
  runbook: ['https://acme.example/runbook'],
};

/** `activateCustomerKey`, and the people who send it what it waits for. */
export const activation: Process = {
  kind: 'activate',

  async claim(world, claimant, ask) {
    const { name } = world;
    const start = ask === null ? null : sent(name, 'startActivation', { organization: name }, ask.by, true);
    return (await world.custody.claimActivation({ name, claimant, sent: start })).standing;
  },

  async next(world, run, { stage, holdsLock } = run.standing) {
    const { custody } = world;
    const { planDigest } = run.standing;
    switch (stage) {
      case 'entitlement': {
        const step = stepOf(run, `entitlement/${world.uuid()}`);
        return { name: 'checkEntitlement', act: () => custody.checkEntitlement(step) };
      }
      case 'setup':
        return connect(world, run);
      case 'verification':
        return verify(world, run);
      case 'dry-run': {
        // A plan that something stands in the way of is made again once that has been looked at.
        if (planDigest === null) return run.done.has('computeDryRun') ? verify(world, run) : plan(world, run);
        const step = asked(run, 'reviewDryRun', { planDigest }, 'support');
        return { name: 'recordReview', act: () => custody.recordReview(step) };
      }
      case 'approval':
        return decide(world, run, 'approve');
      case 'live': {
        if (holdsLock && planDigest !== null) return nextStaging(world, run, planDigest);
        const step = asked(run, 'launchLive', { planDigest }, 'support');
        return { name: 'launchLive', act: () => custody.launchLive(step) };
      }
      case 'sealing':
        return nextSealing(world, run);
      case 'handoff': {
        const step = asked(run, 'recordHandoff', HANDOFF, 'support');
        return { name: 'recordHandoff', act: async () => (await custody.recordHandoff(step)).standing };
      }
      case 'closed':
        return null;
      default: {
        const unknown: never = stage;
        throw new Error(`unknown stage ${String(unknown)}`);
      }
    }
  },

  gaveUp(world, run, code) {
    const { stage, holdsLock, planDigest } = run.standing;
    if (stage === 'entitlement') return close(world, run, { outcome: 'refused', reason: code as never });
    if (stage !== 'live' || planDigest === null) return null;
    if (!holdsLock && !VOIDS_PLAN.has(code)) return null;
    const to = holdsLock && isProviderCode(code) ? 'verification' : 'dry-run';
    const step = {
      ...stepOf(run, `invalidate/${world.uuid()}`),
      planDigest,
      reason: code as never,
      to,
    } as const;
    return { name: 'invalidatePlan', act: () => world.custody.invalidatePlan(step) };
  },

  cancel(world, run) {
    const { sent: said } = asked(run, 'cancel', {}, 'customer-admin');
    return close(world, run, { outcome: 'cancelled', sent: said });
  },
};

const VOIDS_PLAN = new Set(['PLAN_CHANGED', 'PLAN_EXPIRED', 'VERIFICATION_MISSING']);

/** The same messages, where nobody waits for them. */
export function connect(world: World, run: Run): Step {
  const connection = world.customer.input(world.name);
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
  return { name: 'computeDryRun', act: async () => (await world.custody.computeDryRun(step)).standing };
}

export function decide(world: World, run: Run, what: 'approve' | 'reject', isForged = false): Step {
  const step = { ...asked(run, what, decision(world, run, what, isForged), null), decision: what };
  return { name: `judgeApproval ${what}`, act: () => world.custody.judgeApproval(step) };
}

export function close(world: World, run: Run, ending: Ending): Step {
  const { stage: _, ...place } = placeOf(run);
  const step = { ...place, ending };
  return { name: `closeOperation ${ending.outcome}`, act: () => world.custody.closeOperation(step) };
}

async function nextStaging(world: World, run: Run, planDigest: Sha256Hex): Promise<Step> {
  const { custody, operator } = world;
  const { rewrap, mint } = await custody.planVersions({ ...stepOf(run, 'plan'), planDigest });
  const stage = (version: number) => ({
    ...stepOf(run, `stage/${planDigest}/${version}`),
    planDigest,
    version: version as KeyVersion,
  });
  const wrap = rewrap.find((version) => !run.done.has(`stageVersion ${version}`));
  if (wrap !== undefined)
    return { name: `stageVersion ${wrap}`, act: () => operator.stageVersion(stage(wrap)).then(() => null) };
  if (mint !== null && !run.done.has('mintVersion'))
    return { name: 'mintVersion', act: () => custody.mintVersion(stage(mint)).then(() => null) };
  const step = { ...stepOf(run, `switch/${planDigest}`), planDigest };
  return { name: 'switchCustody', act: () => custody.switchCustody(step) };
}
