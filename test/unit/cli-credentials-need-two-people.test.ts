import { instantOf } from '../../domain/ids';
import { createDesk, type Desk } from '../fakes/api/terminal';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

let world: ApiWorld;
let desk: Desk;
beforeEach(async () => {
  world = await createApiWorld();
  desk = createDesk(world);
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const ORG = ['--org', 'acme'];
const NAME = ['--name', 'acme-vault-app'];
const KEY = 'https://acme-keys.vault.azure.net/keys/wrap';
const APP = '11f988bf-86f1-41af-91ab-2d7cd011db47';
/** With a version: it looks like a key, and is none. */
const LOCATOR = 'azure:acme-app@0f3c9a7be21d48568a90cc17de5ab342';
const entry = (end = '2027-01-31', locator = LOCATOR) => [
  ...['--key', KEY, '--identity', APP, '--locator', locator, '--not-after', end],
];
const credential = (step: string, more: readonly string[] = [], sitting: Parameters<Desk['smsk']>[1] = {}) =>
  desk.smsk(['credential', step, ...ORG, ...(step === 'list' ? [] : NAME), ...more], sitting);
const asSre = { as: 'sre' } as const;

test('one registers, another is shown all of it and confirms; then it counts', async () => {
  expect((await credential('list')).out).toBe('acme: no credential reference is registered\n');
  const registered = await credential('register', entry());
  expect([registered.err, registered.exitCode]).toEqual(['', 0]);
  expect(registered.out).toContain(
    'approved:acme-vault-app: registered in ledger entry 1; it doesn’t count yet',
  );
  const command = '`smsk credential confirm --org acme --name acme-vault-app`';
  expect(registered.out).toContain(`awaited  another person of support or SRE: ${command}`);
  expect((await credential('list')).out).toContain(
    `awaited     another person of support or SRE: ${command}`,
  );

  const own = await credential('confirm', ['--yes']);
  expect([own.exitCode, own.err]).toEqual([4, expect.stringContaining('SECOND_PERSON_NEEDED')]);
  const other = await credential('confirm', [], { ...asSre, answer: 'acme-vault-app' });
  for (const words of [KEY, APP, LOCATOR, '2027-01-31T00:00:00.000Z, in 244 days', 'by support-1'])
    expect(other.err).toContain(words);
  expect(other.out).toMatch(
    /^approved:acme-vault-app: confirmed in ledger entry \d+; it counts from now on\n/,
  );

  const { out } = await credential('list');
  expect(out).toContain('approved:acme-vault-app: counts\n');
  expect(out).toContain('confirmed   by sre-1');
  const { json } = await credential('list', ['--json']);
  expect(json).toMatchObject([{ name: 'acme-vault-app', confirmed: { locator: LOCATOR }, pending: null }]);
});

test('nothing is confirmed that wasn’t read, and nothing is withdrawn by mistake', async () => {
  await credential('register', entry());
  const tries: [string, string[], string | null, string][] = [
    ['confirm', ['--registration', '0'], null, 'is not the registration you read'],
    ['confirm', [], null, 'nobody is here to ask'],
    ['confirm', [], 'yes', 'not done'],
    ['withdraw', [], null, 'nobody is here to ask'],
    ['withdraw', [], 'acme', 'not done'],
  ];
  for (const [step, more, answer, words] of tries) {
    const said = await credential(step, more, { ...asSre, answer });
    expect([step, said.err, said.out]).toEqual([step, expect.stringContaining(words), '']);
  }
  expect((await credential('confirm', ['--registration', '1'], asSre)).exitCode).toBe(0);
  expect((await credential('confirm', ['--yes'], asSre)).err).toContain('has nothing that waits');
});

test('the same action again under its key is the same action', async () => {
  const key = (name: string) => ['--idempotency-key', `key-of-${name}-0123456789`];
  await credential('register', [...entry(), ...key('register')]);
  expect((await credential('register', [...entry(), ...key('register')])).exitCode).toBe(0);
  const confirm = ['--registration', '1', ...key('confirm')];
  await credential('confirm', confirm, asSre);
  expect((await credential('confirm', confirm, asSre)).exitCode).toBe(0);
  const entries = world.acme.entries.filter((line) => line.includes('"type":"reference-'));
  expect(entries).toHaveLength(2);
});

test('near its end the list and the status say so, to the customer too; a renewal keeps it', async () => {
  await credential('register', entry());
  await credential('confirm', ['--yes'], asSre);
  world.clock.now = instantOf(Date.parse('2027-01-21T12:00:00Z'));
  expect((await credential('list')).out).toContain('counts, and ends soon');
  const status = await desk.smsk(['status', ...ORG], { as: 'customer-admin' });
  expect(status.out).toMatch(/posture +warning\n/);
  expect(status.out).toMatch(
    /warning +CREDENTIAL_EXPIRING: approved:acme-vault-app, 2027-01-31T00:00:00.000Z\n +for the customer to mend\n +The credential/,
  );
  expect(status.out).not.toContain('0f3c9a7b');
  await credential('register', entry('2028-01-31', 'file:acme-app.pem'));
  const { out } = await credential('list');
  expect(out).toMatch(/renewal +ends 2028-01-31T00:00:00.000Z, in 374 days\n/);
  expect(out).toContain('lies at file:acme-app.pem');
  world.clock.now = instantOf(Date.parse('2027-02-01T00:00:00Z'));
  expect((await credential('list')).out).toContain('which is past: it isn’t used any more');
  expect((await desk.smsk(['status', ...ORG])).out).toContain('CREDENTIAL_EXPIRED');
  await credential('confirm', ['--yes'], asSre);
  expect((await desk.smsk(['status', ...ORG])).out).not.toContain('CREDENTIAL_');
  expect((await credential('withdraw', ['--yes'])).out).toContain('deleted where it lies');
  expect((await credential('withdraw', ['--yes'])).err).toContain('REFERENCE_NOT_FOUND');
});

test('a customer sees where its own stand, and nothing of where they lie', async () => {
  await credential('register', entry());
  const { out, exitCode } = await credential('list', [], { as: 'customer-auditor' });
  expect(exitCode).toBe(0);
  expect(out).toContain(APP);
  expect(out).not.toMatch(/lies at|azure:|0f3c9a7b/);
  for (const step of ['register', 'confirm', 'withdraw']) {
    const more = step === 'register' ? entry() : ['--yes'];
    expect((await credential(step, more, { as: 'customer-admin' })).err).toContain('FORBIDDEN');
  }
});

test('the customer is told what to make for it, before it is registered and after', async () => {
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11';
  const user = 'arn:aws:iam::111122223333:user/novantra-wrap';
  const policy = ['connection', 'policy', ...ORG, '--key', key, '--credential', 'approved:acme-vault-app'];
  const asAdmin = { as: 'customer-admin' } as const;
  expect((await desk.smsk(policy, asAdmin)).err).toContain('identity: is needed until a reference');
  const told = await desk.smsk([...policy, '--identity', user], asAdmin);
  expect([told.exitCode, told.err]).toEqual([0, '']);
  expect(told.out).toContain('We come as   an identity of your own');
  expect(told.out).toContain('UserWrapsAndUnwraps');
  expect(told.out).not.toMatch(/TRUST POLICY|external ID/);
  const stated = [
    '--key',
    key,
    '--identity',
    user,
    '--locator',
    'aws:acme-wrap',
    '--not-after',
    '2027-01-31',
  ];
  await credential('register', stated);
  await credential('confirm', ['--yes'], asSre);
  expect((await desk.smsk(policy, asAdmin)).out).toBe(told.out);
});

test.each<[string, string, string]>([
  ['a path', '--locator', '../../etc/passwd'],
  ['a URL', '--locator', 'https://vault.example/secret'],
  ['a role’s name', '--identity', 'novantra-wrap'],
  ['a name of no form', '--key', 'alias/wrap'],
  ['a date of no form', '--not-after', '31.1.2027'],
])('%s in the place of %s is named, and not sent', async (_, option, value) => {
  const line = entry();
  line[line.indexOf(option) + 1] = value;
  const said = await credential('register', line);
  expect([said.exitCode, said.err]).toEqual([2, expect.stringContaining(`smsk: ${option} `)]);
  expect(said.err).not.toContain(value);
  expect(world.acme.references.named.size).toBe(0);
});

test('inv07: a credential in any option’s place stays on this machine, and isn’t repeated', async () => {
  const secret = 'h3X8Q~pT1.bM9vK2sR7wY4zC6nD0fG5jLaEuI';
  const sent: string[] = [];
  const watching: typeof fetch = async (input, init) => {
    sent.push(`${String(input)} ${String(init?.body)}`);
    return fetch(input, init);
  };
  for (const option of ['--key', '--identity', '--locator', '--not-after', '--name'])
    for (const value of [secret, `file:${secret}`]) {
      const line = ['credential', 'register', ...ORG, ...NAME, ...entry()];
      line[line.indexOf(option) + 1] = value;
      const said = await desk.smsk(line, { fetch: watching });
      expect([option, said.exitCode]).not.toEqual([option, 0]);
      expect(said.err + said.out).not.toContain(secret.slice(0, 12));
    }
  expect(sent).toEqual([]);
});
