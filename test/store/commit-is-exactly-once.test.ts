import type { KeyRef } from '../../domain/ids';
import type { Signer } from '../../domain/ports/signer';
import type { Transactions } from '../../store';
import { answerLost, ConnectionLost, lostBefore } from './support/faults';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const size = async (story: Story) => (await opened.store.ledgerHead(story.organization)).size;

test('the same key at the same time, from two stores, is one entry; all get its bytes', async () => {
  const story = await Story.at(opened.store, 'entitlement');
  const other = opened.another();
  const request = story.unfenced(story.orderChange(7));
  const before = await size(story);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? opened.store : other).commit(request)),
  );
  expect(new Set(answers.map(({ entry }) => entry)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await size(story)).toBe(before + 1);
  expect(await opened.store.orders(story.organization)).toHaveLength(2);
});

test.each([
  ['lost before', lostBefore],
  ['done, but the answer lost', answerLost],
] as const)('%s: the retry ends where an undisturbed run does', async (_, fault) => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  const request = story.switchRequest();
  const before = await size(story);
  const faulty = opened.another(fault());
  await expect(faulty.commit(request)).rejects.toBeInstanceOf(ConnectionLost);
  const lost = fault === answerLost;
  expect(await size(story)).toBe(before + (lost ? 1 : 0));
  expect(await opened.signer.epochFloor(story.organization)).toBeLessThan(story.operation.epoch);

  const committed = await faulty.commit(request);
  expect(committed.replayed).toBe(lost);
  expect(await size(story)).toBe(before + 1);
  expect((await story.current()).stage).toBe('sealing');
  // The replay does what comes after the transaction, too.
  expect(await opened.signer.epochFloor(story.organization)).toBe(story.operation.epoch);
});

test('opening and creating survive a lost answer', async () => {
  const created = await Story.begin(opened.another(answerLost(0)));
  const faulty = opened.another(answerLost(1));
  const request = {
    organization: created.name,
    kind: 'activate',
    claimant: 'r',
    actor: { kind: 'system', name: 's' },
  } as const;
  await expect(faulty.claim(request)).rejects.toBeInstanceOf(ConnectionLost);
  const before = await size(created);
  expect((await faulty.claim(request)).kind).toBe('activate');
  expect(await size(created)).toBe(before);
});

test('a key that asks for something else is refused', async () => {
  const story = await Story.at(opened.store, 'setup');
  const request = story.unfenced(story.orderChange(7));
  await opened.store.commit(request);
  await expect(opened.store.commit({ ...request, change: story.orderChange(8) })).rejects.toEqual(
    refused('IDEMPOTENCY_KEY_REUSED'),
  );
  await expect(
    opened.store.commit({
      ...story.request({ type: 'operation-closed', outcome: 'cancelled', reason: null }, 'setup', 'closed'),
      idempotencyKey: request.idempotencyKey,
    }),
  ).rejects.toEqual(refused('IDEMPOTENCY_KEY_REUSED'));
  expect((await story.current()).stage).toBe('setup');
});

test('a step that found out something else the second time keeps the first result', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  const first = story.request(story.envelopeChange(1, 'customer', false), 'live', 'live');
  const { entry } = await opened.store.commit(first);
  const second = { ...first, change: story.envelopeChange(1, 'customer', false) };
  expect(await opened.store.commit(second)).toMatchObject({ entry, replayed: true });
  expect(await opened.store.stagedEnvelopes(story.operation.id)).toHaveLength(1);
  await expect(story.stage(1, 'customer', false)).rejects.toEqual(refused('IDEMPOTENCY_KEY_REUSED'));
});

test('the next claimant’s retry of a step is the same step', async () => {
  const story = await Story.at(opened.store, 'setup');
  const request = story.request(
    { type: 'operation-closed', outcome: 'cancelled', reason: null },
    'setup',
    'closed',
  );
  const { entry } = await opened.store.commit(request);
  const fence = { ...request.fence, epoch: 99 as typeof request.fence.epoch };
  expect(await opened.store.commit({ ...request, fence })).toMatchObject({ entry, replayed: true });
});

test('a key of another organization is another key', async () => {
  const one = await Story.at(opened.store, 'entitlement');
  const other = await Story.at(opened.store, 'entitlement');
  const request = one.unfenced(one.orderChange(7));
  await opened.store.commit({ ...request, idempotencyKey: 'shared' });
  const theirs = { ...request, idempotencyKey: 'shared', organization: other.organization };
  expect((await opened.store.commit(theirs)).replayed).toBe(false);
});

test('what PostgreSQL broke off for another’s sake is done again', async () => {
  const story = await Story.begin(opened.store);
  let broken = 0;
  const around = (real: Transactions): Transactions => ({
    ...real,
    write: (work) =>
      real.write(async (tx) => {
        const answer = await work(tx);
        if (broken++ < 2)
          await tx.$executeRaw`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$`;
        return answer;
      }),
  });
  const change = { type: 'platform-key-created', keyRef: 'k' as KeyRef } as const;
  const committed = await opened.another(around).commit(story.request(change, 'entitlement', 'live'));
  expect([committed.replayed, broken]).toEqual([false, 3]);
});

test('a floor that the switch’s run didn’t live to raise is raised by sealing', async () => {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  const signer: Signer = Object.create(opened.signer, {
    raiseEpochFloor: { value: () => Promise.reject(new Error('no signer')) },
  });
  await expect(opened.another(undefined, signer).commit(story.switchRequest())).rejects.toThrow('no signer');
  expect(await opened.signer.epochFloor(story.organization)).toBeLessThan(story.operation.epoch);
  const inSealing = (change: Parameters<Story['step']>[0]) => story.step(change, 'sealing', 'sealing');
  await inSealing({ type: 'platform-key-disabled', keyRef: PLATFORM_KEY });
  await story.proveDead();
  await inSealing({ type: 'platform-sealed', keyRef: PLATFORM_KEY });
  expect(await opened.signer.epochFloor(story.organization)).toBe(story.operation.epoch);
});
