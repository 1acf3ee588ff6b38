import { randomUUID } from 'node:crypto';
import { type Actor, SYSTEM } from '../../domain/actor';
import { type Opened, openStore } from './support/opened';
import { clean, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const SUPPORT: Actor = { kind: 'support', name: 'sam' };
const claim = (story: Story, claimant: string, actor: Actor, jti: string | null) =>
  opened.store.claim({ organization: story.name, kind: 'activate', claimant, actor, jti });
async function actors(story: Story): Promise<string[]> {
  const lines = await opened.store.ledgerLines(story.organization, 0, 100);
  return lines
    .map(({ entry }) => JSON.parse(entry) as { type: string; actor: { kind: string } })
    .filter(({ type }) => type === 'operation-opened' || type === 'operation-claimed')
    .map(({ actor }) => actor.kind)
    .slice(1);
}

test('a start token opens or takes over for one run; for another its actor is nobody', async () => {
  const story = await Story.created(opened.store);
  const first = await claim(story, 'run-1', SUPPORT, 'start-1');
  expect((await claim(story, 'run-1', SUPPORT, 'start-1')).epoch).toBe(first.epoch);
  await claim(story, 'run-2', SUPPORT, 'start-1');
  await claim(story, 'run-3', SUPPORT, 'start-2');
  await claim(story, 'run-4', SYSTEM, null);
  expect(await actors(story)).toEqual(['support', 'temporal:unverified', 'support', 'system']);
});

test('nothing of ours opens an operation', async () => {
  const story = await Story.created(opened.store);
  await claim(story, 'run-1', SYSTEM, null);
  expect(await actors(story)).toEqual(['temporal:unverified']);
});

test('an organization’s token creates it once', async () => {
  const name = `once-${randomUUID().slice(0, 8)}` as Story['name'];
  const create = (claimant: string, jti: string) =>
    opened.store.createOrganization({ name, claimant, actor: SUPPORT, jti });
  const { organization } = await create('run-1', 'create-1');
  await expect(create('run-2', 'create-1')).rejects.toEqual(refused('ACTOR_INVALID'));
  expect(await create('run-3', 'create-2')).toMatchObject({ organization, epoch: 2 });
});

test('a refused message’s token says what it was refused with, the first time', async () => {
  const story = await Story.created(opened.store);
  const { store } = opened;
  const { organization } = story;
  expect(await store.refusedWith(organization, 'launch-1')).toBeNull();
  const note = { organization, subject: 'live', actor: SUPPORT, jti: 'launch-1' } as const;
  await store.recordRefusal({ ...note, code: 'OPERATION_LOCKED' });
  await store.recordRefusal({ ...note, code: 'PLAN_EXPIRED' });
  expect(await store.refusedWith(organization, 'launch-1')).toBe('OPERATION_LOCKED');
  expect(await store.refusedWith((await Story.created(store)).organization, 'launch-1')).toBeNull();
});

test('a repeated verification is recorded only where it says what the one that counts says', async () => {
  const story = await Story.at(opened.store, 'approval');
  const before = await story.current();
  const { connectionId, input } = story;
  const change = { type: 'verification-repeated', connectionId, findings: clean } as const;
  const repeat = (more: object) =>
    story.step({ ...change, keyRef: input.key as never, ...more }, 'approval', 'approval');
  await repeat({});
  expect(await story.current()).toEqual(before);
  expect(await opened.store.auditRows()).toEqual([]);
  const [first] = clean;
  for (const other of [
    { keyRef: `${input.key}-other` },
    { findings: [] },
    { findings: [{ ...first, result: 'failed', code: 'WRAP_DENIED' }] },
    { connectionId: '00000000-0000-4000-8000-000000000000' },
  ])
    await expect(repeat(other)).rejects.toEqual(refused('STAGE_MISMATCH'));
});
