import { FAULT_KINDS, type Fault } from '../../fakes/effects';
import { type Rig, startRig } from '../support/rig';
import { Story } from '../support/story';
import { endState } from './end-state';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

/** Stories under way at the same time; each has a world of its own. */
const AT_ONCE = 8;

type Options = Parameters<Rig['beside']>[1];

/** From nothing to handoff. */
async function wholeStory(name: string, options: Options): Promise<Story> {
  const world = rig.beside(name, options);
  const story = await Story.begin(rig, name, { world });
  await story.complete();
  return story;
}

/** @returns what differs from the undisturbed run, by fault */
async function disturbed(
  undisturbed: Story,
  kind: 'fault' | 'callFault',
  trace: readonly string[],
): Promise<Record<string, unknown>> {
  const expected = JSON.stringify(endState(undisturbed));
  const faults: Fault[] = trace.flatMap((_name, at) => FAULT_KINDS.map((each) => ({ at, kind: each })));
  const wrong: Record<string, unknown> = {};
  const next = async (): Promise<void> => {
    for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
      const what = `${fault.at} ${trace[fault.at]}: ${fault.kind}`;
      const name = `crash-${kind.toLowerCase()}-${fault.at}-${fault.kind}`;
      try {
        const story = await wholeStory(name, { [kind]: fault });
        const state = endState(story);
        if (JSON.stringify(state) !== expected) wrong[what] = state;
      } catch (error) {
        wrong[what] = String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return wrong;
}

describe('whatever is lost on the way, the end and the ledger are those of an undisturbed run', () => {
  let undisturbed: Story;
  beforeAll(async () => {
    undisturbed = await wholeStory('crash-not', {});
  }, 30_000);

  it('the trace names what it should', () => {
    const { effects, calls } = undisturbed.world;
    expect(new Set(effects.trace)).toEqual(
      new Set([
        'store.createOrganization',
        'store.claim',
        'provider.verify',
        'provider.wrap',
        'provider.unwrap',
        'platform.wrap',
        'platform.unwrap',
        'control.create',
        'control.disable',
        'control.refusesUnwrap',
        'control.scheduleDeletion',
        ...effects.trace.filter((name) => name.startsWith('store.commit ')),
      ]),
    );
    expect(effects.trace.length).toBeGreaterThan(30);
    expect(calls.trace.length).toBeGreaterThan(25);
  });

  it('each side effect: lost before; done but the answer lost; done twice', async () => {
    expect(await disturbed(undisturbed, 'fault', undisturbed.world.effects.trace)).toEqual({});
  }, 240_000);

  it('each call of an activity: lost before; done but the answer lost; done twice', async () => {
    expect(await disturbed(undisturbed, 'callFault', undisturbed.world.calls.trace)).toEqual({});
  }, 240_000);
});
