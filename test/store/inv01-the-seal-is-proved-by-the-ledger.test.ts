import type { ChangeOf } from '../../domain/change';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, refused, Story } from './support/story';

let strict: Opened;
let counting: Opened;
beforeAll(async () => {
  [strict, counting] = await Promise.all([openStore({ refusals: 2, overMs: 600_000 }), openStore()]);
});
afterAll(() => Promise.all([strict.close(), counting.close()]));

const proofOf = ({ store }: Opened, story: Story) =>
  store.sealingProof(story.organization, story.operation.id);
const disable = (story: Story) =>
  story.step({ type: 'platform-key-disabled', keyRef: PLATFORM_KEY }, 'sealing', 'sealing');
const seal = (story: Story) =>
  story.step({ type: 'platform-sealed', keyRef: PLATFORM_KEY }, 'sealing', 'sealing');
const tooEarly = refused('STAGE_MISMATCH');

test('invariant 1: as many refusals as asked for, but not over the time asked for, seal nothing', async () => {
  const story = await Story.at(strict.store, 'sealing');
  await disable(story);
  await story.proveDead();
  expect(await proofOf(strict, story)).toMatchObject({ refusals: 3, enough: false });
  await expect(seal(story)).rejects.toEqual(tooEarly);
});

test('invariant 1: an unwrap in between, and a key that had to be disabled again, start the count anew', async () => {
  const story = await Story.at(counting.store, 'sealing');
  await disable(story);
  await story.probe(0);
  await story.probe(1);
  await story.probe(2, false);
  expect(await proofOf(counting, story)).toEqual({ refusals: 0, overMs: 0, enough: false });
  await story.proveDead();
  expect(await proofOf(counting, story)).toMatchObject({ refusals: 3, enough: true });
  await disable(story);
  expect(await proofOf(counting, story)).toMatchObject({ refusals: 0, enough: false });
  await expect(seal(story)).rejects.toEqual(tooEarly);
  await story.proveDead();
  await seal(story);
});

test('invariant 1: the same try again is one refusal, and another organization’s are none', async () => {
  const [one, other] = [await Story.at(counting.store, 'sealing'), await Story.at(counting.store, 'sealing')];
  await disable(one);
  await disable(other);
  await other.proveDead();
  const change: ChangeOf<'platform-key-probed'> = {
    type: 'platform-key-probed',
    keyRef: PLATFORM_KEY,
    nth: 0,
    refused: true,
    requestId: null,
  };
  const request = one.request(change, 'sealing', 'sealing');
  await counting.store.commit(request);
  // A retry that was let in stays what the first try was.
  const again = await counting.store.commit({ ...request, change: { ...change, refused: false } });
  expect(again).toMatchObject({ replayed: true, entry: expect.stringContaining('"refused":true') });
  expect(await proofOf(counting, one)).toMatchObject({ refusals: 1, enough: false });
  await expect(seal(one)).rejects.toEqual(tooEarly);
});

test('invariant 1: over that time, by the times that the database wrote, they do', async () => {
  const patient = await openStore({ refusals: 2, overMs: 1 });
  try {
    const story = await Story.at(patient.store, 'sealing');
    await disable(story);
    for (let nth = 0; !(await proofOf(patient, story)).enough; nth += 1) await story.probe(nth);
    const lines = await patient.store.ledgerLines(story.organization, 0, 100);
    const said = lines.map(({ entry }) => JSON.parse(entry) as { type: string; at: string });
    const times = said.filter(({ type }) => type === 'platform-key-probed').map(({ at }) => Date.parse(at));
    const { overMs, refusals } = await proofOf(patient, story);
    expect([overMs, refusals]).toEqual([Math.max(...times) - Math.min(...times), times.length]);
    await seal(story);
  } finally {
    await patient.close();
  }
});
