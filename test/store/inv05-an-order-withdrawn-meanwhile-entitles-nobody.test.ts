import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

/** Withdrawn after whoever commits had looked at the order, and before the commit. */
let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

test('inv05: no entitlement is confirmed by it, and a new order entitles again', async () => {
  const story = await Story.at(opened.store, 'entitlement');
  await story.order('withdrawal');
  await expect(story.confirmEntitlement()).rejects.toEqual(refused('ORDER_WITHDRAWN'));
  await story.order();
  await expect(story.confirmEntitlement()).resolves.toMatchObject({ replayed: false });
});

test('inv05: nothing is launched by it', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.order('withdrawal');
  await expect(story.launch()).rejects.toEqual(refused('ORDER_WITHDRAWN'));
  expect((await opened.store.status(story.name))?.operation?.stage).toBe('live');
});
