import { provedReferences } from '../../authority';
import { sha256OfText } from '../../domain/digest';
import type { OrganizationId } from '../../domain/ids';
import { type ApiWorld, createApiWorld, TOKENS } from '../fakes/api/world';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
let world: ApiWorld;
beforeAll(async () => {
  opened = await openStore();
  world = await createApiWorld({ store: opened.store });
  for (const role of ['support', 'sre'] as const)
    await opened.store.addToken({
      sha256: sha256OfText(TOKENS[role]),
      role,
      name: `${role}-1`,
      organization: null,
    });
});
afterAll(async () => {
  await world.close();
  await opened.close();
});

const ENTRY = {
  name: 'acme-wrap',
  provider: 'aws-kms',
  key: 'arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555',
  identity: 'arn:aws:iam::222222222222:user/novantra-wrap',
  locator: 'azure:acme-wrap@0f3c9a7be21d48568a90cc17de5ab342',
} as const;
const soon = async (days: number) =>
  new Date(Date.parse(await opened.store.now()) + days * 86_400_000).toISOString();
const entry = async (days = 300) => ({ ...ENTRY, notAfter: await soon(days) });
const refused = (code: string) => expect.objectContaining({ problem: expect.objectContaining({ code }) });
const proved = (organization: OrganizationId, name: string = ENTRY.name) =>
  provedReferences(world.trusted, opened.store).find(organization, name);
const support = () => world.client('support');
const sre = () => world.client('sre');
const linesOf = async ({ organization }: Story) =>
  (await opened.store.ledgerLines(organization, 0, 100)).map(({ entry: line }) => line);

test('two people at the API make an entry that the ledger and our word prove; one withdraws it', async () => {
  const story = await Story.begin(opened.store);
  const stated = await entry();
  const { recorded } = await support().registerReference(story.name, stated);
  await expect(support().confirmReference(story.name, ENTRY.name, recorded.index)).rejects.toEqual(
    refused('SECOND_PERSON_NEEDED'),
  );
  expect(await proved(story.organization)).toBeNull();
  await sre().confirmReference(story.name, ENTRY.name, recorded.index);
  expect(await proved(story.organization)).toMatchObject({ ...stated, organization: story.organization });
  await support().withdrawReference(story.name, ENTRY.name);
  expect(await proved(story.organization)).toBeNull();
  const lines = await linesOf(story);
  expect(lines.filter((line) => line.includes('"type":"reference-'))).toHaveLength(3);
  expect(lines.join()).not.toMatch(/0f3c9a7b|azure:acme/);
  expect(lines.join()).toContain(sha256OfText(ENTRY.locator));
  expect(await opened.store.auditRows()).toEqual([]);
});

test('a repeated request has no second effect, and its key is for one message', async () => {
  const story = await Story.begin(opened.store);
  const stated = await entry();
  const once = { idempotencyKey: `register-${story.name}-0123` };
  const register = () => support().registerReference(story.name, stated, once);
  const answers = [await register(), ...(await Promise.all([register(), register()]))];
  expect(new Set(answers.map(({ recorded }) => recorded.index)).size).toBe(1);
  expect(answers.map(({ recorded }) => recorded.replayed)).toEqual([false, true, true]);
  await expect(
    support().registerReference(story.name, { ...stated, locator: 'file:acme-wrap.json' }, once),
  ).rejects.toEqual(refused('IDEMPOTENCY_KEY_REUSED'));

  const index = answers[0]?.recorded.index ?? -1;
  const confirmOnce = { idempotencyKey: `confirm-${story.name}-01234` };
  const confirm = () => sre().confirmReference(story.name, ENTRY.name, index, confirmOnce);
  const [first, again] = [await confirm(), await confirm()];
  expect([again.recorded.index, again.recorded.replayed]).toEqual([first.recorded.index, true]);
  await expect(sre().confirmReference(story.name, ENTRY.name, index)).rejects.toEqual(
    refused('REFERENCE_NOT_FOUND'),
  );
  expect(await proved(story.organization)).toMatchObject(stated);
});

test('another organization’s name answers as an unknown one, and moves nothing', async () => {
  const [story, other] = [await Story.begin(opened.store), await Story.begin(opened.store)];
  const { recorded } = await support().registerReference(story.name, await entry());
  for (const name of [ENTRY.name, 'no-such-name']) {
    await expect(sre().confirmReference(other.name, name, recorded.index)).rejects.toEqual(
      refused('REFERENCE_NOT_FOUND'),
    );
    await expect(sre().withdrawReference(other.name, name)).rejects.toEqual(refused('REFERENCE_NOT_FOUND'));
    expect(await proved(other.organization, name)).toBeNull();
  }
  expect((await support().credentialReferences(other.name)).references).toEqual([]);
  expect((await support().credentialReferences(story.name)).references).toMatchObject([
    { pending: { index: recorded.index } },
  ]);
});

test('a locator that was altered is confirmed by nobody, and shown to nobody', async () => {
  const story = await Story.begin(opened.store);
  const { recorded } = await support().registerReference(story.name, await entry());
  const toggle = (how: string) => opened.sql(`ALTER TABLE reference_registration ${how} TRIGGER append_only`);
  const point = (locator: string) =>
    opened.sql('UPDATE reference_registration SET locator = $2 WHERE organization_id = $1', [
      story.organization,
      locator,
    ]);
  await toggle('DISABLE');
  await point('file:globex-wrap.json');
  const mismatch = refused('LEDGER_MISMATCH');
  await expect(sre().confirmReference(story.name, ENTRY.name, recorded.index)).rejects.toEqual(mismatch);
  await expect(support().credentialReferences(story.name)).rejects.toEqual(mismatch);
  await point(ENTRY.locator);
  await toggle('ENABLE ALWAYS');
  await sre().confirmReference(story.name, ENTRY.name, recorded.index);
  expect(await proved(story.organization)).toMatchObject(ENTRY);
});
