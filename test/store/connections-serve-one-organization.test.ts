import { randomUUID } from 'node:crypto';
import {
  type AwsConnectionInput,
  type AzureConnectionInput,
  type ConnectionInput,
  identityOf,
} from '../../domain/connection';
import { checksOf, type Finding } from '../../domain/finding';
import type { KeyRef } from '../../domain/ids';
import type { OperationStage } from '../../domain/stages';
import { type Opened, openStore } from './support/opened';
import { inputFor, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const withRole = (input: ConnectionInput, other: ConnectionInput): ConnectionInput => ({
  ...(input as AwsConnectionInput),
  credential: (other as AwsConnectionInput).credential,
});

/** Verified by `keyRef`, under whatever name the key was entered. */
const proves = (story: Story, keyRef: string) =>
  story.verify('verification', 'dry-run', undefined, keyRef as KeyRef);
const failed: Finding[] = checksOf(inputFor('111122223333')).map((check) => ({ check, result: 'skipped' }));

test('whoever proved access first has the role and the key, by whichever name; another proof is refused', async () => {
  const first = await Story.at(opened.store, 'dry-run');
  const alias = `arn:aws:kms:eu-central-1:${first.account}:alias/wrap`;
  const second = await Story.at(opened.store, 'setup');
  let stage: OperationStage = 'setup';
  for (const input of [
    first.input,
    withRole(second.input, first.input),
    { ...second.input, key: first.input.key },
    { ...second.input, key: alias },
  ]) {
    // To name it is neither refused nor answered otherwise than any guess.
    await second.connect(stage, input);
    stage = 'verification';
    const keyRef = input.key === second.input.key ? second.input.key : first.input.key;
    await expect(proves(second, keyRef)).rejects.toEqual(refused('CONNECTION_IN_USE'));
  }
  // The first one verifies again, as often as it likes.
  await first.verify('dry-run', 'dry-run');
});

test('naming another’s role and key, or finding out that they refuse, claims nothing', async () => {
  const squatter = await Story.at(opened.store, 'setup');
  const owner = await Story.at(opened.store, 'setup');
  await squatter.connect('setup', owner.input);
  await squatter.verify('verification', 'verification', failed, owner.input.key as KeyRef);
  await owner.connect();
  await owner.verify();
  await expect(proves(squatter, owner.input.key)).rejects.toEqual(refused('CONNECTION_IN_USE'));
  await squatter.verify('verification', 'verification', failed, owner.input.key as KeyRef);
});

describe('a key of Azure Key Vault', () => {
  const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
  const azure = (change: Partial<AzureConnectionInput> = {}): AzureConnectionInput => ({
    provider: 'azure-key-vault',
    tenantId: TENANT,
    key: `https://vault-${randomUUID().slice(0, 8)}.vault.azure.net/keys/wrap`,
    credential: { kind: 'azure-app', clientId: '11f988bf-86f1-41af-91ab-2d7cd011db47' },
    ...change,
  });
  const version = (input: AzureConnectionInput, nth: number) =>
    `${input.key}/${String(nth).padStart(32, '0')}`;
  const owning = async (input: AzureConnectionInput): Promise<Story> => {
    const owner = await Story.at(opened.store, 'setup');
    await owner.connect('setup', input);
    await proves(owner, version(input, 1));
    return owner;
  };

  test('is its first prover’s in every version, from whichever tenant and app it’s entered', async () => {
    const input = azure();
    await owning(input);
    const second = await Story.at(opened.store, 'setup');
    let stage: OperationStage = 'setup';
    for (const other of [
      input,
      { ...input, tenantId: '82f988bf-86f1-41af-91ab-2d7cd011db47' },
      { ...input, credential: { kind: 'approved', name: 'other-app' } } as const,
    ]) {
      await second.connect(stage, other);
      stage = 'verification';
      for (const nth of [1, 2])
        await expect(proves(second, version(other, nth))).rejects.toEqual(refused('CONNECTION_IN_USE'));
    }
  });

  test('leaves every other one free: one app and one tenant serve two organizations', async () => {
    const input = azure();
    await owning(input);
    await owning({ ...input, key: `${input.key}-2` });
    await owning(azure());
    await owning({ ...input, key: input.key.replace('vault.azure.net', 'vault.azure.cn') });
  });

  test('goes on to its owner’s own next version', async () => {
    const input = azure();
    const owner = await owning(input);
    await owner.verify('dry-run', 'dry-run', undefined, version(input, 2) as KeyRef);
    const connection = await opened.store.connection(owner.connectionId);
    expect(connection?.pinnedKeyRef).toBe(version(input, 2));
  });

  test('is pinned to a version of itself only', async () => {
    const input = azure();
    const story = await Story.at(opened.store, 'setup');
    await story.connect('setup', input);
    for (const keyRef of [input.key, version({ ...input, key: `${input.key}-2` }, 1), version(azure(), 1)])
      await expect(proves(story, keyRef)).rejects.toEqual(refused('INPUT_INVALID'));
    await proves(story, version(input, 1));
  });

  test('that two prove at the same time is one’s, though each proves another version', async () => {
    const input = azure();
    const stories = await Promise.all([1, 2, 3, 4].map(() => Story.at(opened.store, 'setup')));
    await Promise.all(stories.map((story) => story.connect('setup', input)));
    const answers = await Promise.allSettled(stories.map((story, nth) => proves(story, version(input, nth))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

test('two that prove access at the same time: one gets it', async () => {
  const stories = await Promise.all([1, 2, 3, 4].map(() => Story.at(opened.store, 'setup')));
  const wanted = inputFor('123412341234');
  await Promise.all(stories.map((story) => story.connect('setup', wanted)));
  const answers = await Promise.allSettled(stories.map((story) => proves(story, wanted.key)));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('what an operation used before it ended is free again, unless it went live', async () => {
  const cancelled = await Story.at(opened.store, 'dry-run');
  await cancelled.cancel('dry-run');
  const live = await Story.at(opened.store, 'handoff');
  await live.handOff();
  const other = await Story.at(opened.store, 'setup');
  await other.connect('setup', live.input);
  await expect(proves(other, live.input.key)).rejects.toEqual(refused('CONNECTION_IN_USE'));
  await other.connect('verification', cancelled.input);
  await proves(other, cancelled.input.key);
});

test('the switch judges it once more: a verification that went past the rule is not enough', async () => {
  const owner = await Story.at(opened.store, 'handoff');
  await owner.handOff();
  const second = await Story.at(opened.store, 'live');
  await second.launch();
  await second.stage(1, 'customer', false);
  await second.stage(2, 'customer', true);
  // As a superuser would plant it: the second one's role was the first one's all along.
  await opened.sql('ALTER TABLE connection DISABLE TRIGGER USER');
  await opened.sql('UPDATE connection SET identity = $2 WHERE organization_id = $1', [
    owner.organization,
    identityOf(second.input),
  ]);
  await opened.sql('ALTER TABLE connection ENABLE ALWAYS TRIGGER append_only');
  await expect(second.switch()).rejects.toEqual(refused('CONNECTION_IN_USE'));
  expect((await opened.store.status(second.name))?.custody).toMatchObject({ custody: 'platform' });
});

test('a connection isn’t changed by its verification; its pinned key is that of the last clean one', async () => {
  const story = await Story.at(opened.store, 'verification');
  const pinned = async () => (await opened.store.connection(story.connectionId))?.pinnedKeyRef;
  expect(await pinned()).toBeNull();
  await story.verify('verification', 'verification', failed);
  expect(await pinned()).toBeNull();
  await expect(story.verify('verification', 'dry-run', failed)).rejects.toEqual(refused('STAGE_MISMATCH'));
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
