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
export async function disturbed(
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
