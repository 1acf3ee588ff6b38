import { ApplicationFailure } from '@temporalio/common';
import { type Rig, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

it('a run that failed halfway is taken over by the next, under an epoch of its own', async () => {
  const { store } = rig.fresh();
  rig.instead.set('mintFirstVersion', async () => {
    rig.instead.clear();
    throw ApplicationFailure.nonRetryable('x', 'OUR_IDENTITY');
  });
  expect((await refusalOf(Story.begin(rig, 'halfway'))).code).toBe('OUR_IDENTITY');
  const story = await Story.begin(rig, 'halfway');
  expect(story.entries().slice(0, 6)).toEqual([
    'organization-created',
    'operation-opened',
    'platform-key-created',
    'operation-claimed',
    'envelope-staged',
    'custody-switched',
  ]);
  expect(store.rows(story.id).operations).toMatchObject([{ kind: 'create', epoch: 2, stage: 'closed' }]);
  expect((await refusalOf(Story.begin(rig, 'halfway'))).code).toBe('ORGANIZATION_EXISTS');
});
