import { provedReferences } from '../../authority';
import type { Role } from '../../domain/actor';
import { WARNED_MS } from '../../domain/credential-reference';
import { type Instant, instantOf } from '../../domain/ids';
import type { CredentialEnds } from '../../domain/ports/credential-references';
import { ACME, type ApiWorld, createApiWorld, NOW } from '../fakes/api/world';

let world: ApiWorld;
beforeEach(async () => {
  world = await createApiWorld();
});
afterEach(() => world.close());

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse(NOW);
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11';
const ENTRY = {
  name: 'acme-wrap',
  provider: 'aws-kms',
  key: KEY,
  identity: 'arn:aws:iam::111122223333:user/novantra-wrap',
  locator: 'aws:acme-wrap@0f3c9a7b-e21d-4856-8a90-cc17de5ab342',
  notAfter: '2027-06-01T00:00:00.000Z',
} as const;
const PATH = '/v1/organizations/acme/credential-references';

const refusedWith = async (work: Promise<unknown>): Promise<string> => {
  const { problem } = (await work.then(
    () => ({ problem: { code: 'none' } }),
    (error: unknown) => error,
  )) as { problem: { code: string; detail?: string } };
  return problem.detail === undefined ? problem.code : `${problem.code}: ${problem.detail}`;
};
const register = (more: object = {}, role: Role = 'support') =>
  world.client(role).registerReference('acme', { ...ENTRY, ...more });
const confirm = (index: number, role: Role = 'sre') =>
  world.client(role).confirmReference('acme', ENTRY.name, index);
const both = async (more: object = {}) => confirm((await register(more)).recorded.index);
const listed = async (role: Role = 'support') =>
  (await world.client(role).credentialReferences('acme')).references;
const found = () => provedReferences(world.trusted, world.store.asStore).find(ACME, ENTRY.name);

test('registered by one and confirmed by another it counts, by our word for both', async () => {
  const { recorded } = await register();
  expect(await listed()).toMatchObject([
    {
      name: 'acme-wrap',
      confirmed: null,
      pending: { index: recorded.index, registeredBy: 'support-1', key: KEY, locator: ENTRY.locator },
    },
  ]);
  expect(await found()).toBeNull();
  expect(await refusedWith(confirm(recorded.index, 'support'))).toBe('SECOND_PERSON_NEEDED');
  expect(await found()).toBeNull();
  await confirm(recorded.index);
  expect(await found()).toMatchObject(ENTRY);
  expect(await listed()).toMatchObject([
    { confirmed: { confirmedBy: 'sre-1', freshness: 'valid', registeredBy: 'support-1' }, pending: null },
  ]);
  await world.client('support').withdrawReference('acme', ENTRY.name);
  expect([await found(), await listed()]).toEqual([null, []]);
});

test('the registration that was read is the one that is confirmed', async () => {
  const { recorded } = await register();
  expect(await refusedWith(confirm(recorded.index + 1))).toBe('REFERENCE_NOT_FOUND');
  await confirm(recorded.index);
  const renewal = await register({ notAfter: '2028-01-01T00:00:00.000Z' });
  expect(await refusedWith(confirm(recorded.index))).toBe('REFERENCE_NOT_FOUND');
  expect(await found()).toMatchObject({ notAfter: ENTRY.notAfter });
  await confirm(renewal.recorded.index);
  expect(await found()).toMatchObject({ notAfter: '2028-01-01T00:00:00.000Z' });
});

test('a name that counts takes no registration for another key, and a waiting one none at all', async () => {
  await both();
  const other = KEY.replace('0d6f5a7f', '99999999');
  expect(await refusedWith(register({ key: other }))).toBe('REFERENCE_EXISTS');
  await register();
  expect(await refusedWith(register({}, 'sre'))).toBe('REFERENCE_EXISTS');
});

test('the date is in the future, and at most two years away', async () => {
  const at = (ms: number) => ({ notAfter: instantOf(ms) });
  expect(await refusedWith(register(at(NOW_MS)))).toBe('INPUT_INVALID: body/notAfter: is past');
  expect(await refusedWith(register(at(NOW_MS + 732 * DAY_MS)))).toContain(
    'body/notAfter: is more than two years away',
  );
  await register(at(NOW_MS + 731 * DAY_MS));
});

test('a customer reads where its own stand, and nothing of where they lie', async () => {
  await both();
  await register({ notAfter: '2028-01-01T00:00:00.000Z', locator: 'azure:acme-renewed' });
  for (const role of ['customer-admin', 'customer-auditor'] as const) {
    const { text, status } = await world.request(role, 'GET', PATH);
    expect(status).toBe(200);
    expect(await listed(role)).toMatchObject([{ confirmed: { locator: null }, pending: { locator: null } }]);
    for (const path of [
      PATH,
      '/v1/organizations/acme/status',
      '/v1/organizations/acme/ledger?from=0&limit=100',
    ])
      expect((await world.request(role, 'GET', path)).text).not.toMatch(
        /aws:acme-wrap|azure:acme|0f3c9a7b|acme-renewed/,
      );
    expect(text).toContain('support-1');
  }
  expect(await listed('sre')).toMatchObject([{ confirmed: { locator: ENTRY.locator } }]);
});

test('each refusal is in the ledger, as one about a reference', async () => {
  const { recorded } = await register();
  await refusedWith(confirm(recorded.index, 'support'));
  await refusedWith(register());
  expect(world.store.refusals.map(({ subject, code }) => [subject, code])).toEqual([
    ['reference', 'SECOND_PERSON_NEEDED'],
    ['reference', 'REFERENCE_EXISTS'],
  ]);
});

const SECRETS: readonly (readonly [string, string])[] = [
  [
    'a private key',
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHh2yq3mGm1r\n-----END PRIVATE KEY-----',
  ],
  ['an AWS secret access key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzK8pQ2aLm9'],
  ['a client secret of Entra ID', 'h3X8Q~pT1.bM9vK2sR7wY4zC6nD0fG5jLaEuI'],
  ['a 256-bit key', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ['a 128-bit key', '9f86d081884c7d659a2feaa0c55ad015'],
];
const FIELDS = Object.keys(ENTRY) as (keyof typeof ENTRY)[];

test.each(SECRETS)(
  'inv07: %s is refused in every field, alone and behind what belongs there',
  async (_, secret) => {
    const before = world.acme.references.named.size;
    for (const field of FIELDS)
      for (const value of [secret, `${ENTRY[field]} ${secret}`, `file:${secret}`]) {
        const answer = await world.request('support', 'POST', PATH, {
          json: { ...ENTRY, [field]: value },
          headers: { 'idempotency-key': 'key-of-this-action-1' },
        });
        expect([field, answer.body['code']]).toEqual([
          field,
          expect.stringMatching(/^(RAW_KEY_MATERIAL|INPUT_INVALID)$/),
        ]);
        expect(String(answer.body['detail'])).toContain(`body/${field}`);
        const said = JSON.stringify([answer.text, world.log, world.acme.entries]);
        expect(said).not.toContain(secret.slice(4, 28));
      }
    expect(world.acme.references.named.size).toBe(before);
  },
);

test('inv07: a surplus member, and a name in the path, are judged like the rest', async () => {
  const headers = { 'idempotency-key': 'key-of-this-action-1' };
  const surplus = await world.request('support', 'POST', PATH, { json: { ...ENTRY, secret: 'x' }, headers });
  expect(surplus.body).toMatchObject({ code: 'INPUT_INVALID' });
  const named = await world.request('support', 'POST', `${PATH}/${SECRETS[3]?.[1]}/withdrawal`, { headers });
  expect(named.body).toMatchObject({ code: 'RAW_KEY_MATERIAL' });
});

describe('the end is warned of', () => {
  const warnings = async (role: Role = 'customer-admin') => {
    const { posture, warnings: said } = await world.client(role).status('acme');
    return { posture, said };
  };
  const end = Date.parse(ENTRY.notAfter);
  const at = (ms: number) => {
    world.clock.now = instantOf(ms);
  };

  test('31 days before not yet, from 30 days before on, and past it in other words', async () => {
    await both();
    at(end - WARNED_MS - DAY_MS);
    expect(await warnings()).toEqual({ posture: 'normal', said: [] });
    at(end - WARNED_MS);
    const expiring = {
      code: 'CREDENTIAL_EXPIRING',
      credential: 'approved:acme-wrap',
      end: ENTRY.notAfter,
      owner: 'customer',
      text: 'The credential behind the reference ends soon.',
      remedy: expect.stringContaining('register its new date under the same name'),
    };
    expect(await warnings()).toEqual({ posture: 'warning', said: [expiring] });
    expect(await warnings('support')).toEqual({ posture: 'warning', said: [expiring] });
    at(end - 1);
    expect((await warnings()).said).toEqual([expiring]);
    at(end);
    expect((await warnings()).said).toMatchObject([{ code: 'CREDENTIAL_EXPIRED', end: ENTRY.notAfter }]);
    expect(await listed()).toMatchObject([{ confirmed: { freshness: 'expired' } }]);
  });

  test('not of what doesn’t count: waiting, renewed or withdrawn', async () => {
    const { recorded } = await register();
    at(end - DAY_MS);
    expect((await warnings()).said).toEqual([]);
    await confirm(recorded.index);
    expect((await warnings()).said).toHaveLength(1);
    const renewal = await register({ notAfter: '2028-05-01T00:00:00.000Z' });
    expect((await warnings()).said).toHaveLength(1);
    await confirm(renewal.recorded.index);
    expect((await warnings()).said).toEqual([]);
    at(end + 365 * DAY_MS);
    expect((await warnings()).said).toHaveLength(1);
    await world.client('sre').withdrawReference('acme', ENTRY.name);
    expect((await warnings()).said).toEqual([]);
  });

  const withEnds = async (ends: CredentialEnds) => {
    await world.close();
    world = await createApiWorld({ ends });
    await both();
  };

  test('by the credential’s own end, where that is earlier', async () => {
    await withEnds({ endOf: async () => NOW_MS + 3 * DAY_MS });
    expect((await warnings()).said).toMatchObject([
      { code: 'CREDENTIAL_EXPIRING', end: instantOf(NOW_MS + 3 * DAY_MS) },
    ]);
  });

  test('by the registered date, where the credential can’t be read', async () => {
    await withEnds({ endOf: () => Promise.reject(new Error('vault.internal.example says no')) });
    at(end - DAY_MS);
    expect((await warnings()).said).toMatchObject([{ end: ENTRY.notAfter }]);
    expect(JSON.stringify(world.log)).not.toContain('vault.internal');
  });

  test('where it can’t be told the status says so, and everything else', async () => {
    jest.spyOn(world.store, 'references').mockRejectedValue(new Error('signer at 10.0.0.9 is down'));
    const status = await world.client('customer-admin').status('acme');
    expect(status).toMatchObject({ warnings: null, posture: 'normal', organization: { name: 'acme' } });
    expect(world.log.filter(({ event }) => event === 'status.warnings')).toHaveLength(1);
    expect(JSON.stringify([status, world.log])).not.toContain('10.0.0.9');
  });

  test('of the certificate of an app of ours it names, for us to mend; of no other app', async () => {
    const clientId = '11f988bf-86f1-41af-91ab-2d7cd011db47';
    const certificates = () => [
      { clientId, expiresAtMs: NOW_MS + 10 * DAY_MS },
      { clientId: '22f988bf-86f1-41af-91ab-2d7cd011db47', expiresAtMs: NOW_MS - DAY_MS },
      { clientId: '33f988bf-86f1-41af-91ab-2d7cd011db47', expiresAtMs: null },
    ];
    await world.close();
    world = await createApiWorld({ certificates });
    expect((await warnings()).said).toEqual([]);
    const connectTo = (app: string) => {
      const input = {
        provider: 'azure-key-vault',
        tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47',
        key: 'https://acme-keys.vault.azure.net/keys/wrap',
        credential: { kind: 'azure-app', clientId: app },
      } as const;
      world.acme.status = {
        ...world.acme.status,
        connection: {
          id: ACME as never,
          organization: ACME,
          externalId: 'x',
          input,
          digest: 'd' as never,
          pinnedKeyRef: null,
        },
      };
    };
    connectTo(clientId);
    expect((await warnings()).said).toEqual([
      {
        code: 'CREDENTIAL_EXPIRING',
        credential: `azure-app:${clientId}`,
        end: instantOf(NOW_MS + 10 * DAY_MS) satisfies Instant,
        owner: 'operator',
        text: 'The certificate of our own app ends soon.',
        remedy: expect.stringContaining('nothing to do on your side'),
      },
    ]);
    connectTo('33f988bf-86f1-41af-91ab-2d7cd011db47');
    expect((await warnings()).said).toEqual([]);
  });
});
