import { type Rig, startRig } from '../support/rig';
import { Story } from '../support/story';
import { nothingLostMatters } from './disturbed';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

type Options = Parameters<Rig['beside']>[1];

/** From nothing to handoff. */
async function wholeStory(name: string, options: Options): Promise<Story> {
  const world = rig.beside(name, options);
  const story = await Story.begin(rig, name, { world });
  await story.complete();
  return story;
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

  nothingLostMatters(() => undisturbed, wholeStory, { fault: 0, callFault: 0 });
});
