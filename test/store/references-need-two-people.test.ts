import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createActorSigner, provedReferences } from '../../authority';

import type { Actor } from '../../domain/actor';
import {
  isFor,
  isSamePerson,
  referenceMessage,
  type StatedReference,
} from '../../domain/credential-reference';
import { digestOf } from '../../domain/digest';
import type { Instant, LedgerIndex, OrganizationName, Sha256Hex } from '../../domain/ids';
import { testKey } from '../fakes/api/keys';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
let api: Awaited<ReturnType<typeof world>>;
beforeAll(async () => {
  opened = await openStore();
  api = await world();
});
afterAll(() => opened.close());

const KEY = 'arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555';
const OTHER_KEY = 'arn:aws:kms:eu-central-1:222222222222:key/99999999-2222-3333-4444-555555555555';
const stated = (more: Partial<StatedReference> = {}): StatedReference => ({
  name: 'acme-wrap',
  provider: 'aws-kms',
  key: KEY,
  identity: 'arn:aws:iam::222222222222:user/novantra-wrap',
  locator: 'file:acme-wrap.json',
  notAfter: '2030-01-01T00:00:00.000Z' as Instant,
  ...more,
});
const by = (name: string): Actor => ({ kind: 'support', name });

/** What our API does: it signs who asked, then commits. */
async function world() {
  const { pem, jwk } = await testKey();
  const sign = await createActorSigner(pem, jwk.kid);
  const proved = provedReferences(
    {
      deployment: DEPLOYMENT,
      mode: 'development',
      orderIssuer: { issuer: 'x', keys: [jwk] },
      actorKeys: [jwk],
      custodyKeys: [jwk],
    },
    opened.store,
  );
  let steps = 0;
  const key = () => `reference/${++steps}`;
  const proof = (
    story: Story,
    step: 'register' | 'confirm',
    name: string,
    entry: StatedReference,
    after: LedgerIndex | null,
  ) =>
    sign({
      organization: story.name as OrganizationName,
      action: `${step}Reference`,
      payloadDigest: digestOf(referenceMessage(step, story.organization, entry, after)),
      role: 'support',
      name,
      jti: `j-${++steps}`,
      exp: 1_900_000_000,
    });
  const named = async (story: Story, name: string) =>
    (await opened.store.references(story.organization)).get(name);
  return {
    named,
    proof,
    find: (story: Story, name = 'acme-wrap') => proved.find(story.organization, name),
    async register(story: Story, who: string, entry = stated()) {
      const after = (await named(story, entry.name))?.last ?? null;
      return opened.store.commit({
        idempotencyKey: key(),
        actor: by(who),
        fence: null,
        organization: story.organization,
        change: {
          type: 'reference-registered',
          ...entry,
          after,
          proof: await proof(story, 'register', who, entry, after),
        },
      });
    },
    async confirm(story: Story, who: string, entry = stated()) {
      const registration = (await named(story, entry.name))?.pending?.index ?? (0 as LedgerIndex);
      return opened.store.commit({
        idempotencyKey: key(),
        actor: by(who),
        fence: null,
        organization: story.organization,
        change: {
          type: 'reference-confirmed',
          name: entry.name,
          registration,
          proof: await proof(story, 'confirm', who, entry, registration),
        },
      });
    },
    withdraw: (story: Story, who: string, name = 'acme-wrap') =>
      opened.store.commit({
        idempotencyKey: key(),
        actor: by(who),
        fence: null,
        organization: story.organization,
        change: { type: 'reference-withdrawn', name },
      }),
  };
}

test('registered by one person and confirmed by another, an entry counts; not before, and not once withdrawn', async () => {
  const story = await Story.begin(opened.store);
  const isListed = async () =>
    (await opened.store.organizationsWithReferences()).some(({ id }) => id === story.organization);
  expect(await isListed()).toBe(false);
  await api.register(story, 'sam');
  expect(await api.find(story)).toBeNull();
  expect(await isListed()).toBe(true);
  await api.confirm(story, 'kim');
  expect(await api.find(story)).toMatchObject({ ...stated(), organization: story.organization });
  await api.withdraw(story, 'sam');
  expect(await api.find(story)).toBeNull();
  // What is withdrawn has days left no more: so it is looked at once more.
  expect(await isListed()).toBe(true);
  expect(await opened.store.auditRows()).toEqual([]);
});

test.each(['sam', 'Sam', ' SAM '])('whoever registered it can’t confirm it, as %p neither', async (again) => {
  const story = await Story.begin(opened.store);
  await api.register(story, 'sam');
  await expect(api.confirm(story, again)).rejects.toEqual(refused('SECOND_PERSON_NEEDED'));
});

test('a name that counts takes its renewal for the same key alone, and keeps counting meanwhile', async () => {
  const story = await Story.begin(opened.store);
  await api.register(story, 'sam');
  await expect(api.register(story, 'kim')).rejects.toEqual(refused('REFERENCE_EXISTS'));
  await api.confirm(story, 'kim');
  await expect(api.register(story, 'sam', stated({ key: OTHER_KEY }))).rejects.toEqual(
    refused('REFERENCE_EXISTS'),
  );
  const renewed = stated({ notAfter: '2031-01-01T00:00:00.000Z' as Instant });
  await api.register(story, 'sam', renewed);
  expect(await api.find(story)).toMatchObject({ notAfter: stated().notAfter });
  await api.confirm(story, 'kim', renewed);
  expect(await api.find(story)).toMatchObject({ notAfter: renewed.notAfter });
});

type Act = readonly ['register' | 'confirm' | 'withdraw', string, 0 | 1, string];
const acts = fc.array(
  fc.tuple(
    fc.constantFrom('register' as const, 'confirm' as const, 'withdraw' as const),
    fc.constantFrom('sam', 'SAM', 'kim', 'ada'),
    fc.constantFrom(0 as const, 1 as const),
    fc.constantFrom(KEY, OTHER_KEY),
  ),
  { minLength: 1, maxLength: 12 },
);

test('no sequence of acts makes an entry usable without two people, or for another organization or key', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (sequence: readonly Act[]) => {
      const stories = [await Story.begin(opened.store), await Story.begin(opened.store)];
      const registered: ({ who: string; key: string } | null)[] = [null, null];
      const usable: (string | null)[] = [null, null];
      for (const [act, who, at, key] of sequence) {
        const story = stories[at];
        if (story === undefined) throw new Error('two stories');
        const waiting = registered[at] ?? null;
        // What is confirmed is what is stated: the entry as it was registered.
        const entry = stated({ key: act === 'confirm' && waiting !== null ? waiting.key : key });
        const isDone = await api[act](
          story,
          who,
          act === 'withdraw' ? ('acme-wrap' as never) : (entry as never),
        ).then(
          () => true,
          () => false,
        );
        if (isDone && act === 'register') registered[at] = { who, key };
        if (isDone && act === 'confirm') {
          expect(waiting !== null && !isSamePerson(waiting.who, who)).toBe(true);
          usable[at] = waiting?.key ?? null;
          registered[at] = null;
        }
        if (isDone && act === 'withdraw') {
          registered[at] = null;
          usable[at] = null;
        }
      }
      for (const [at, story] of stories.entries()) {
        const found = await api.find(story);
        expect(found?.key ?? null).toBe(usable[at] ?? null);
        for (const key of [KEY, OTHER_KEY])
          for (const other of stories)
            expect(found !== null && isFor(found, other.organization, { provider: 'aws-kms', key })).toBe(
              story === other && key === usable[at],
            );
        expect(
          found !== null && isFor(found, story.organization, { provider: 'azure-key-vault', key: KEY }),
        ).toBe(false);
      }
    }),
    { numRuns: 25 },
  );
});

describe('whoever can write to the database', () => {
  const superuser = (text: string, values: readonly unknown[]) => opened.sql(text, values);

  test('makes no entry by rows, and redirects none: the audit names them', async () => {
    const story = await Story.begin(opened.store);
    const other = await Story.begin(opened.store);
    await api.register(story, 'sam');
    const { index } = await api.confirm(story, 'kim');
    await superuser(
      `INSERT INTO reference_registration SELECT $1, 90, name, provider, key, identity, locator, not_after, registered_by, proof
         FROM reference_registration WHERE organization_id = $2`,
      [other.organization, story.organization],
    );
    await superuser(
      `INSERT INTO reference_confirmation SELECT $1, 91, name, 90, confirmed_by, proof
         FROM reference_confirmation WHERE organization_id = $2`,
      [other.organization, story.organization],
    );
    expect(await api.find(other)).toBeNull();
    await superuser('ALTER TABLE reference_registration DISABLE TRIGGER append_only', []);
    await superuser('UPDATE reference_registration SET locator = $2 WHERE organization_id = $1', [
      story.organization,
      'file:globex-wrap.json',
    ]);
    await expect(api.find(story)).rejects.toEqual(refused('LEDGER_MISMATCH'));
    const tables = (await opened.store.auditRows()).map(({ table, organization }) => [organization, table]);
    expect(tables).toEqual(
      expect.arrayContaining([
        [other.organization, 'reference_registration'],
        [other.organization, 'reference_confirmation'],
        [story.organization, 'reference_registration'],
      ]),
    );
    await superuser(
      'UPDATE reference_registration SET locator = $2 WHERE organization_id = $1 AND ledger_index = $3',
      [story.organization, stated().locator, index - 1],
    );
    await superuser('DELETE FROM reference_registration WHERE organization_id = $1', [other.organization]);
    await superuser('ALTER TABLE reference_confirmation DISABLE TRIGGER append_only', []);
    await superuser('DELETE FROM reference_confirmation WHERE organization_id = $1', [other.organization]);
    for (const table of ['reference_registration', 'reference_confirmation'])
      await superuser(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER append_only`, []);
    expect(await opened.store.auditRows()).toEqual([]);
  });

  test('revives none by taking the withdrawal’s row away', async () => {
    const story = await Story.begin(opened.store);
    await api.register(story, 'sam');
    await api.confirm(story, 'kim');
    await api.withdraw(story, 'ada');
    await superuser('ALTER TABLE reference_withdrawal DISABLE TRIGGER append_only', []);
    await superuser('DELETE FROM reference_withdrawal WHERE organization_id = $1', [story.organization]);
    await superuser('ALTER TABLE reference_withdrawal ENABLE ALWAYS TRIGGER append_only', []);
    expect(await api.find(story)).toBeNull();
    expect(await opened.store.auditRows()).toContainEqual(
      expect.objectContaining({ table: 'reference_withdrawal', why: 'recorded, and gone' }),
    );
  });

  test('gains nothing by lines without our API’s word, nor by its word of another time', async () => {
    const story = await Story.begin(opened.store);
    const entry = stated();
    const { index } = await api.register(story, 'sam');
    const confirming = await api.confirm(story, 'kim');
    await api.withdraw(story, 'ada');
    const [row] = await opened.sql<{ proof: string; word: string }>(
      `SELECT r.proof, c.proof AS word FROM reference_registration r JOIN reference_confirmation c
         ON c.organization_id = r.organization_id AND c.registration_index = r.ledger_index
         WHERE r.organization_id = $1`,
      [story.organization],
    );
    const again = (await api.named(story, entry.name))?.last ?? null;
    // Past the API: what was signed for the first registration is said again.
    const registering = await opened.store.commit({
      idempotencyKey: 'forged/1',
      actor: by('sam'),
      fence: null,
      organization: story.organization,
      change: { type: 'reference-registered', ...entry, after: again, proof: row?.proof ?? '' },
    });
    await opened.store.commit({
      idempotencyKey: 'forged/2',
      actor: by('kim'),
      fence: null,
      organization: story.organization,
      change: {
        type: 'reference-confirmed',
        name: entry.name,
        registration: registering.index,
        proof: row?.word ?? '',
      },
    });
    expect(index).toBeLessThan(confirming.index);
    expect((await api.named(story, entry.name))?.confirmed).not.toBeNull();
    expect(await api.find(story)).toBeNull();
  });
});

test('the ledger has neither the locator nor the proof, only their digests', async () => {
  const story = await Story.begin(opened.store);
  const { entry } = await api.register(story, 'sam');
  const sha256 = createHash('sha256').update(stated().locator).digest('hex') as Sha256Hex;
  expect(entry).not.toContain(stated().locator);
  expect(JSON.parse(entry)).toMatchObject({
    type: 'reference-registered',
    actor: { kind: 'support', name: 'sam' },
    body: { name: 'acme-wrap', key: KEY, locatorSha256: sha256, after: null },
  });
});
