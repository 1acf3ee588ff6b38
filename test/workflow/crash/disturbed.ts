import type { Rig } from '../support/rig';
import type { Story } from '../support/story';
import { endState } from './end-state';
import { faultsOf } from './faults';

/** Stories under way at the same time; each has a world of its own. */
const AT_ONCE = 8;

type Tell = (name: string, options: Parameters<Rig['beside']>[1]) => Promise<Story>;

/**
 * Tells the story once for each fault (`faults.ts`) at a place of its trace, from `since` on.
 * @returns what differs from the undisturbed run, by fault
 */
async function disturbed(
  undisturbed: Story,
  tell: Tell,
  kind: 'fault' | 'callFault',
  since = 0,
): Promise<Record<string, unknown>> {
  const { effects, calls } = undisturbed.world;
  const { trace } = kind === 'fault' ? effects : calls;
  const expected = JSON.stringify(endState(undisturbed));
  const faults = faultsOf(trace, kind === 'fault' ? 'effects' : 'calls', since);
  const wrong: Record<string, unknown> = {};
  const next = async (): Promise<void> => {
    for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
      const what = `${fault.at} ${trace[fault.at]}: ${fault.kind}`;
      const name = `crash-${kind.toLowerCase()}-${fault.at}-${fault.kind}`;
      try {
        const story = await tell(name, { [kind]: fault });
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

/** Where in the traces of its story begins what is judged; read when the tests run. */
export interface Since {
  readonly fault: number;
  readonly callFault: number;
}

/** The two tests of a story, whatever it tells: nothing that is lost on the way makes a difference. */
export function nothingLostMatters(undisturbed: () => Story, tell: Tell, since: Since): void {
  it('each side effect: lost before; done but the answer lost; done twice', async () => {
    expect(await disturbed(undisturbed(), tell, 'fault', since.fault)).toEqual({});
  }, 240_000);

  it('each call of an activity: lost before; done but the answer lost; done twice', async () => {
    expect(await disturbed(undisturbed(), tell, 'callFault', since.callFault)).toEqual({});
  }, 240_000);
}
