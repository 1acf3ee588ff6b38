import type { KeyVersion } from '../../../domain/ids';
import type { World } from '../world/world';
import { sent } from './messages';
import { type Process, placeOf, type Run, type Step, stepOf } from './run';

/** `rotateCustomerKey`: nobody is awaited. */
export const rotation: Process = {
  kind: 'rotate',

  async claim(world, claimant, ask) {
    const { name } = world;
    const input = { organization: name, ...(ask?.newKeyVersion ? { newKeyVersion: true } : {}) };
    const start = ask === null ? null : sent(name, 'startRotation', input, ask.by, { isStart: true });
    return (await world.custody.claimRotation({ name, claimant, sent: start })).standing;
  },

  async next(world, run, { stage } = run.standing) {
    const { custody } = world;
    if (stage === 'verification') {
      if (run.done.has('verifyForRotation')) {
        const step = stepOf(run, 'launch');
        return { name: 'launchRotation', act: () => custody.launchRotation(step) };
      }
      const step = stepOf(run, `verification/${world.uuid()}`);
      return { name: 'verifyForRotation', act: async () => (await custody.verifyForRotation(step)).standing };
    }
    if (stage === 'live') return nextStaging(world, run);
    if (stage !== 'sealing') return null;
    const step = stepOf(run, 'erase');
    return { name: 'eraseSuperseded', act: () => custody.eraseSuperseded(step) };
  },

  gaveUp: (world, run, code) =>
    run.standing.stage === 'sealing'
      ? null
      : close(world, run, { outcome: 'refused', reason: code as never }),

  cancel: (world, run) => close(world, run, { outcome: 'cancelled' }),
};

type Ending = Parameters<World['custody']['closeRotation']>[0]['ending'];

function close(world: World, run: Run, ending: Ending): Step {
  const { stage: _, ...place } = placeOf(run);
  const step = { ...place, ending };
  return { name: `closeRotation ${ending.outcome}`, act: () => world.custody.closeRotation(step) };
}

async function nextStaging(world: World, run: Run): Promise<Step> {
  const { custody } = world;
  const { rewrap, mint } = await custody.rotationVersions(stepOf(run, 'versions'));
  const stage = (version: number) => ({ ...stepOf(run, `stage/${version}`), version: version as KeyVersion });
  const wrap = rewrap.find((version) => !run.done.has(`rewrapVersion ${version}`));
  if (wrap !== undefined)
    return { name: `rewrapVersion ${wrap}`, act: () => custody.rewrapVersion(stage(wrap)).then(() => null) };
  if (mint !== null && !run.done.has('mintNextVersion'))
    return { name: 'mintNextVersion', act: () => custody.mintNextVersion(stage(mint)).then(() => null) };
  const step = stepOf(run, 'switch');
  return { name: 'switchRotation', act: () => custody.switchRotation(step) };
}
