import { SYSTEM, UNVERIFIED } from '../../domain/actor';
import type { OperationStage } from '../../domain/stages';
import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const openOf = async ({ name }: Story) =>
  (await opened.store.openOperations()).filter(({ organization }) => organization.name === name);

test.each<OperationStage>(['entitlement', 'verification', 'approval', 'live', 'sealing', 'handoff'])(
  'an activation at %s is one that should be carried out, and another run takes it over where it stands',
  async (stage) => {
    const story = await Story.at(opened.store, stage);
    const { organization, name } = story;
    const found = await openOf(story);
    expect(found).toEqual([
      { id: story.operation.id, kind: 'activate', organization: { id: organization, name } },
    ]);
    const resumed = { organization: name, kind: 'activate', claimant: 'run-2', actor: UNVERIFIED } as const;
    const claimed = await opened.store.claim({ ...resumed, only: story.operation.id });
    expect(claimed).toMatchObject({ id: story.operation.id, stage, epoch: story.operation.epoch + 1 });
    expect(await openOf(story)).toEqual(found);
  },
);

test('so is a creation that stands halfway', async () => {
  const story = await Story.begin(opened.store);
  expect(await openOf(story)).toMatchObject([{ id: story.operation.id, kind: 'create' }]);
  const resumed = { organization: story.name, kind: 'create', claimant: 'run-2', actor: UNVERIFIED } as const;
  const claimed = await opened.store.claim({ ...resumed, only: story.operation.id });
  expect(claimed).toMatchObject({ id: story.operation.id, epoch: 2 });
});

test('one that has ended is none, and isn’t taken up; nor is another one opened or taken over in its place', async () => {
  const story = await Story.at(opened.store, 'setup');
  const ended = story.operation.id;
  const resumed = { organization: story.name, kind: 'activate', claimant: 'run-2', actor: SYSTEM } as const;
  const closing = { outcome: 'cancelled', reason: null } as const;
  await opened.store.commit(
    story.request({ type: 'operation-closed', ...closing }, 'setup', 'closed', { closing }),
  );
  expect(await openOf(story)).toEqual([]);
  const entries = async () => (await opened.store.ledgerHead(story.organization)).size;
  const before = await entries();
  const again = () => opened.store.claim({ ...resumed, only: ended });
  await expect(again()).rejects.toEqual(refused('OPERATION_UNKNOWN'));
  expect([await entries(), await openOf(story)]).toEqual([before, []]);
  const next = await story.claim('run-3');
  await expect(again()).rejects.toEqual(refused('OPERATION_UNKNOWN'));
  expect(await openOf(story)).toMatchObject([{ id: next.id }]);
  expect(await opened.store.operation(story.organization, next.id)).toMatchObject({ epoch: next.epoch });
});
