import { ApplicationFailure } from '@temporalio/common';
import { Offboarding } from './support/offboarding';
import { type Rig, realServer, startRig } from './support/rig';
import { rotate } from './support/rotation';
import { Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterEach(() => rig.instead.clear());
afterAll(() => rig.stop());

/** The database is away for longer than an activity is tried: its last try fails, twice, and then it's back. */
function awayIn(activity: string): void {
  let left = 2;
  rig.instead.set(activity, (original) => {
    left -= 1;
    if (left < 0) return original();
    throw ApplicationFailure.create({ type: 'DATABASE_UNAVAILABLE', nonRetryable: true });
  });
}

async function active(name: string): Promise<Story> {
  rig.fresh();
  const story = await Story.begin(rig, name);
  await story.complete();
  return story;
}

it('an offboarding ends where its key doesn’t verify, but not for our database', async () => {
  const story = await active('away-leaving');
  const offboarding = new Offboarding(story);
  for (const activity of ['verifyConnection', 'computeDryRun', 'createNewPlatformKey', 'switchToPlatform'])
    awayIn(activity);
  expect(await offboarding.complete()).toMatchObject({ outcome: 'completed' });
  expect(story.entries()).not.toContain('plan-invalidated');
  expect(story.entries()).not.toContain('verification-impeded');
  expect(story.entries()).not.toContain('incident-opened');
}, 60_000);

it('a plan that is carried out isn’t given up, nor a rotation', async () => {
  awayIn('stageVersion');
  awayIn('mintVersion');
  const story = await active('away-live');
  expect(story.entries()).not.toContain('plan-invalidated');
  for (const activity of ['verifyForRotation', 'rewrapVersion', 'mintNextVersion']) awayIn(activity);
  expect(await rotate(story, { newKeyVersion: true })).toMatchObject({ outcome: 'completed', reason: null });
}, 60_000);
