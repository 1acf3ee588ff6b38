import type { ConnectionInput } from '../../domain/connection';
import { CHECKS, type Finding } from '../../domain/finding';
import type { KeyRef } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { inputFor, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const withRole = (input: ConnectionInput, other: ConnectionInput): ConnectionInput => ({
  ...input,
  credential: other.credential,
});

test('a role or a key that another organization uses is refused, by whichever name', async () => {
  const first = await Story.at(opened.store, 'verification');
  const alias = `arn:aws:kms:eu-central-1:${first.account}:alias/wrap`;
  const second = await Story.at(opened.store, 'setup');
  for (const input of [
    first.input,
    withRole(second.input, first.input),
    { ...second.input, key: first.input.key },
  ]) {
    expect(await opened.store.connectionOwner(input, second.organization)).toBe(first.organization);
    await expect(second.connect('setup', input)).rejects.toEqual(refused('CONNECTION_IN_USE'));
  }
  // Through an alias it comes out at verification, which pins what the alias stands for.
  await second.connect('setup', { ...second.input, key: alias });
  await expect(
    second.verify('verification', 'dry-run', undefined, first.input.key as KeyRef),
  ).rejects.toEqual(refused('CONNECTION_IN_USE'));
  expect(await opened.store.connectionOwner(first.input, first.organization)).toBeNull();
});

test('two that ask for the same at the same time: one gets it', async () => {
  const stories = await Promise.all([1, 2, 3, 4].map(() => Story.at(opened.store, 'setup')));
  const wanted = inputFor('123412341234');
  const answers = await Promise.allSettled(stories.map((story) => story.connect('setup', wanted)));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('what an operation used before it ended is free again, unless it went live', async () => {
  const cancelled = await Story.at(opened.store, 'verification');
  await cancelled.cancel('verification');
  const live = await Story.at(opened.store, 'handoff');
  await live.handOff();
  const other = await Story.at(opened.store, 'setup');
  expect(await opened.store.connectionOwner(cancelled.input, other.organization)).toBeNull();
  expect(await opened.store.connectionOwner(live.input, other.organization)).toBe(live.organization);
  await other.connect('setup', cancelled.input);
});

test('a connection isn’t changed by its verification; its pinned key is that of the last clean one', async () => {
  const story = await Story.at(opened.store, 'verification');
  const pinned = async () => (await opened.store.connection(story.connectionId))?.pinnedKeyRef;
  const failed: Finding[] = CHECKS.map((check) => ({ check, result: 'skipped' }));
  expect(await pinned()).toBeNull();
  await story.verify('verification', 'verification', failed);
  expect(await pinned()).toBeNull();
  await expect(story.verify('verification', 'dry-run', failed)).rejects.toEqual(
    refused('VERIFICATION_MISSING'),
  );
  await story.verify();
  expect(await pinned()).toBe(story.input.key);
  const canary = await opened.store.canary(story.organization);
  expect(canary?.keyRef).toBe(story.input.key);
  expect(canary?.wrapped).toHaveLength(40);
});

test('a verification of another connection than the present one is refused', async () => {
  const story = await Story.at(opened.store, 'verification');
  const former = story.operation;
  await story.connect('verification', inputFor('432143214321'));
  story.operation = former;
  await expect(story.verify()).rejects.toEqual(refused('STAGE_MISMATCH'));
});
