import { isProviderCode } from '../../../domain/codes';
import type { ApprovedKind } from '../../../domain/custody';
import type { KeyVersion, Sha256Hex } from '../../../domain/ids';
import type { Start } from '../../../domain/stages';
import type { World } from '../world/world';
import { asked, sent } from './messages';
import { approveAsOperator, close, connect, decide, plan, verify } from './people';
import { type Process, type Run, type Step, stepOf } from './run';

type StagingStep = Parameters<World['custody']['mintVersion']>[0];
type SwitchStep = Parameters<World['custody']['switchCustody']>[0];
type Standing = Run['standing'];

/** What operations of one kind do their own way; all else is the same for each that people approve. */
export interface Shape {
  readonly kind: ApprovedKind;
  readonly start: Start;
  claim(world: World, request: Parameters<World['custody']['claimActivation']>[0]): Promise<Standing>;
  /** It is carried out under a later epoch where custody was switched while it waited. */
  readonly claimsAnew: boolean;
  /** It ends where its connection doesn't verify. */
  readonly endsUnverified: boolean;
  /** What must be there before anything is staged. */
  prepare?(world: World, run: Run): Step;
  /** One version, unwrapped and put under the key that it goes to. */
  stage(world: World, step: StagingStep): Step;
  switchOver(world: World, step: SwitchStep): Step;
  /** The next step from the switch on. */
  seal(world: World, run: Run): Step | Promise<Step>;
  /** After another end than its switch. */
  cleanUp?(world: World, run: Run): Step;
}

const HANDOFF = {
  contacts: [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' }],
  runbook: ['https://acme.example/runbook'],
};
const VOIDS_PLAN = new Set(['PLAN_CHANGED', 'PLAN_EXPIRED', 'VERIFICATION_MISSING']);

/** The workflows that people approve, and the people who send them what they wait for. */
export function approvedProcess(shape: Shape): Process {
  const isLeft = ({ standing, done }: Run): boolean =>
    shape.cleanUp !== undefined && standing.outcome !== 'completed' && !done.has('cleaned up');
  const refuse = (world: World, run: Run, code: string) =>
    close(world, run, { outcome: 'refused', reason: code as never });

  const claim: Process['claim'] = (world, claimant, ask) => {
    const { name } = world;
    const input = { organization: name, ...(ask?.only === undefined ? {} : { operationId: ask.only }) };
    const start = ask === null ? null : sent(name, shape.start, input, ask.by, { isStart: true });
    return shape.claim(world, { name, claimant, sent: start });
  };
  const planned = (world: World, run: Run): Step =>
    shape.claimsAnew && !run.done.has('claim anew')
      ? { name: 'claim anew', act: () => claim(world, run.claimant, null) }
      : plan(world, run);

  return {
    kind: shape.kind,
    claim,
    isLeft,

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
        case 'verification': {
          const isRefused = shape.endsUnverified && run.done.has('verifyConnection');
          return isRefused ? refuse(world, run, 'VERIFICATION_MISSING') : verify(world, run);
        }
        case 'dry-run': {
          // A plan that something stands in the way of is made again once that has been looked at.
          if (planDigest === null)
            return run.done.has('computeDryRun') ? verify(world, run) : planned(world, run);
          const step = asked(run, 'reviewDryRun', { planDigest }, 'support');
          return { name: 'recordReview', act: () => custody.recordReview(step) };
        }
        case 'approval':
          return shape.kind === 'offboard' && run.standing.approved
            ? approveAsOperator(world, run, 'approver')
            : decide(world, run, 'approve');
        case 'live': {
          if (holdsLock && planDigest !== null) return nextStaging(shape, world, run, planDigest);
          const step = asked(run, 'launchLive', { planDigest }, 'support');
          return { name: 'launchLive', act: () => custody.launchLive(step) };
        }
        case 'sealing':
          return shape.seal(world, run);
        case 'handoff': {
          const step = asked(run, 'recordHandoff', HANDOFF, 'support');
          return { name: 'recordHandoff', act: async () => (await custody.recordHandoff(step)).standing };
        }
        case 'closed':
          return isLeft(run) ? (shape.cleanUp?.(world, run) ?? null) : null;
        default: {
          const unknown: never = stage;
          throw new Error(`unknown stage ${String(unknown)}`);
        }
      }
    },

    gaveUp(world, run, code) {
      const { stage, holdsLock, planDigest } = run.standing;
      if (stage === 'entitlement') return refuse(world, run, code);
      if (stage === 'verification' && shape.endsUnverified) return refuse(world, run, code);
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
}

async function nextStaging(shape: Shape, world: World, run: Run, planDigest: Sha256Hex): Promise<Step> {
  const { custody } = world;
  const { rewrap, mint } = await custody.planVersions({ ...stepOf(run, 'plan'), planDigest });
  const prepare = shape.prepare?.(world, run);
  if (prepare !== undefined && !run.done.has(prepare.name)) return prepare;
  const staging = (version: number) => ({
    ...stepOf(run, `stage/${planDigest}/${version}`),
    planDigest,
    version: version as KeyVersion,
  });
  for (const version of rewrap) {
    const step = shape.stage(world, staging(version));
    if (!run.done.has(step.name)) return step;
  }
  if (mint !== null && !run.done.has('mintVersion'))
    return { name: 'mintVersion', act: () => custody.mintVersion(staging(mint)).then(() => null) };
  return shape.switchOver(world, { ...stepOf(run, `switch/${planDigest}`), planDigest });
}
