import { randomBytes } from 'node:crypto';
import { checkValueOf } from '../../domain/key-check';
import { waitUntil } from '../../scripts/parts/wait';
import { type Caller, openApi } from './deployment/api';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { type Call, PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { everythingKept } from './deployment/everything';
import { formsOf, type Haystack } from './deployment/search';
import { asSuperuser } from './deployment/sql';
import type { Terminal } from './deployment/terminal';
import { QUICK, startWorkers } from './deployment/workers';
import { AWS, awsError } from './leaks/aws';
import { AZURE } from './leaks/azure';
import { ourCredentials } from './leaks/credentials';
import { CALLS, type Effect, type Failing, MARK } from './leaks/failing';

/**
 * Invariants 7 and 8. Every error of both providers' that we know, and answers that aren't theirs at all, each
 * carrying a mark in message, headers, body, request id and key id, at every place where the provider is called. Then
 * all that was kept or said is searched for the mark, for our credentials, and for every workspace key there ever was.
 */
const FAILING: Readonly<Record<(typeof PROVIDERS)[number], Failing>> = {
  'aws-kms': AWS,
  'azure-key-vault': AZURE,
};

/** An organization, and everybody who waits for its content. */
interface Subject {
  readonly arrangement: Arrangement;
  readonly failing: Failing;
  readonly service: Caller;
  readonly atService: Terminal;
  readonly atSupport: Terminal;
}

let deployment: Deployment;
let content: OpenCipher;
let subjects: readonly Subject[];
let all: Haystack;
let credentials: readonly string[];
/** Copies of everything that was drawn as a key, before it's zeroed. */
const drawn: Buffer[] = [];
const said: unknown[] = [];
const injected = new Map<Failing, number>();
const record = { record: 'r-1' };

const drawing = (bytes: number): Uint8Array => {
  const made = randomBytes(bytes);
  if (bytes === 32) drawn.push(Buffer.from(made));
  return made;
};
const counted = ({ failing }: Subject): void => void injected.set(failing, (injected.get(failing) ?? 0) + 1);

beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, {
    settings: QUICK,
    custody: (deps) => ({ ...deps, random: drawing }),
    platform: (deps) => ({ ...deps, random: drawing }),
  });
  content = await openCipher(deployment);
  const api = await openApi(deployment, content.cipher);
  const atSupport = await api.atTerminal('support');
  const globex = await Arrangement.create(deployment, 'globex', 'azure-key-vault');
  const subjectOf = async (arrangement: Arrangement): Promise<Subject> => {
    const { id } = arrangement.organization;
    return {
      ...{ arrangement, atSupport, failing: FAILING[arrangement.customer.provider] },
      service: await api.as('service', id),
      atService: await api.atTerminal('service', id),
    };
  };
  subjects = await Promise.all([await Arrangement.create(deployment, 'acme'), globex].map(subjectOf));
  // Step by step for both: while one's verification fails, nobody's platform key is called.
  for (const fails of [failWhileVerifying, failWhileStaging, failWhileSealing, failWhileServing]) {
    const ends = await Promise.allSettled(subjects.map(fails));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }
  for (const { arrangement } of subjects) await arrangement.reach('closed');
  credentials = await ourCredentials(globex);
  all = await everythingKept(
    deployment,
    subjects.map(({ arrangement }) => arrangement),
  );
  all.add('answers', said);
}, 600_000);
afterAll(() => deployment?.close());

/** Breaks whoever's calls, our canary's too, while that work is done. */
async function during<T>(
  subject: Subject,
  on: Call,
  effect: Effect,
  count: number,
  work: () => Promise<T>,
): Promise<T> {
  const { arrangement, failing } = subject;
  const { cloud } = arrangement;
  const id = failing.inject(deployment.outside, { on, effect, count });
  counted(subject);
  let hits = 0;
  const worked = await work().finally(() => {
    hits = cloud.hitsOf(id);
    cloud.clearFaults(id);
  });
  if (hits === 0) throw new Error(`${JSON.stringify({ on, effect })} was met by nobody`);
  return worked;
}

/** One verification more: its findings are recorded, or the run says why there are none. */
async function verify({ arrangement }: Subject): Promise<void> {
  const recorded = async () =>
    (await arrangement.entryTypes()).filter((type) => type === 'verification-recorded').length;
  const [entries, { trouble }] = [await recorded(), await arrangement.status()];
  said.push(await arrangement.send('runVerification', {}, 'customer-admin'));
  const isDone = async () =>
    (await recorded()) > entries || (await arrangement.status()).trouble?.at !== trouble?.at;
  if (!(await waitUntil(isDone, 30_000, 20))) throw new Error('no verification');
}

async function failWhileVerifying(subject: Subject): Promise<void> {
  const { arrangement, failing, atSupport } = subject;
  await arrangement.reach('dry-run');
  for (const { on, effect } of failing.causes()) await during(subject, on, effect, 2, () => verify(subject));
  for (const on of CALLS) {
    for (const effect of Object.values(failing.notTheirs()))
      await during(subject, on, effect, 1, () => verify(subject));
  }
  const { name: org } = arrangement.organization;
  // Whoever reads the findings.
  said.push(await atSupport(['status', '--org', org]), await atSupport(['ledger', 'show', '--org', org]));
  await verify(subject);
  await arrangement.untilAt('dry-run');
}

/** Under the customer’s key, before the switch: the plan is given up, and made anew. */
async function failWhileStaging(subject: Subject): Promise<void> {
  const { arrangement, failing } = subject;
  const { cloud } = arrangement;
  const { page, otherKey, unknown } = failing.notTheirs();
  for (const effect of [failing.denied(), failing.disabled(), page, otherKey, unknown]) {
    for (const on of ['wrap', 'unwrap'] as const) {
      await arrangement.reach('live');
      const id = cloud.inject({ on, effect, count: 1 });
      counted(subject);
      await arrangement.launch();
      await arrangement.untilAt('dry-run');
      expect(cloud.hitsOf(id)).toBe(1);
    }
  }
}

/**
 * What passes is tried again, while staging under the customer’s key and while sealing the operator's own: there
 * nothing gives up.
 */
async function failWhileSealing(subject: Subject): Promise<void> {
  const { arrangement, failing } = subject;
  const { cloud, organization } = arrangement;
  const { aws } = deployment.outside;
  await arrangement.reach('live');
  const keyId = (await deployment.store.platformKey(organization.id))?.keyRef ?? '';
  const ours = ['DescribeKey', 'DisableKey', 'ScheduleKeyDeletion'].map((action) => {
    const effect = awsError('KMSInternalException', 500);
    return aws.inject({ match: { service: 'kms', action, keyId }, effect, count: 1 });
  });
  const theirs = (['wrap', 'unwrap'] as const).map((on) =>
    cloud.inject({ on, effect: failing.transient(), count: 1 }),
  );
  for (const _ of [...ours, ...theirs]) counted(subject);
  await arrangement.launch();
  await arrangement.untilAt('handoff');
  expect(ours.map((id) => aws.hitsOf(id))).toEqual([1, 1, 1]);
  expect(theirs.map((id) => cloud.hitsOf(id))).toEqual([1, 1]);
}

/** Everybody who waits for content: the library's callers, those of the HTTP door, and those of `smsk`. */
async function failWhileServing(subject: Subject): Promise<void> {
  const { arrangement, failing, service, atService, atSupport } = subject;
  const { id, name } = arrangement.organization;
  const { cloud } = arrangement;
  const { cipher } = content;
  const ciphertext = await cipher.encrypt(id, Buffer.from('kept'), record);
  const body = { ciphertext: ciphertext.toString('base64'), context: record };
  const decrypted = async () =>
    void said.push(await cipher.decrypt(id, ciphertext, record).catch((error: unknown) => error));
  const served = async () => {
    await decrypted();
    said.push(await service.post(`/${name}/decrypt`, body));
  };
  const typed = async () => {
    const line = ['decrypt', '--org', name, '--context', 'record=r-1'];
    said.push(await atService(line, ciphertext), await atSupport(['status', '--org', name]));
  };
  const every = (on: 'credential' | 'unwrap') => [
    ...failing.refusals(on),
    ...Object.values(failing.notTheirs()),
  ];
  for (const effect of every('unwrap')) await during(subject, 'unwrap', effect, 4, served);
  await during(subject, 'unwrap', failing.denied(), 4, typed);
  // Denied, the session or token is suspect; so the next operation asks for another, and fails there.
  for (const effect of every('credential')) {
    await decrypted();
    // As often as anybody asks: a recovery's probe must not take the one refusal that was meant for content.
    const denied = cloud.inject({ on: 'unwrap', effect: failing.denied() });
    await decrypted();
    cloud.clearFaults(denied);
    await during(subject, 'credential', effect, 4, served);
  }
  // The recorder's writes are nobody's to wait for.
  await cipher.decrypt(id, ciphertext, record);
}

test('each provider failed everywhere, in more than a hundred ways', () => {
  for (const provider of PROVIDERS) {
    expect(injected.get(FAILING[provider])).toBeGreaterThan(100);
    const calls = deployment.log.having({ event: 'provider.call', provider });
    expect(new Set(calls.map(({ code }) => code)).size).toBeGreaterThan(15);
  }
});

test('the search finds what is there: in histories, tables, logs, evidence and answers', () => {
  for (const { arrangement } of subjects) {
    const { id, name } = arrangement.organization;
    const found = all.find([id]);
    for (const where of [
      `history of activation/${name}`,
      'table ledger_entry',
      'log:',
      'evidence entries.jsonl',
    ])
      expect(found.some((each) => each.startsWith(where))).toBe(true);
  }
  expect(all.find(['WORKSPACE_UNAVAILABLE']).some((each) => each.startsWith('answers'))).toBe(true);
});

test('inv08: nothing of the provider’s own words is left anywhere', () => {
  expect(all.find([MARK.toLowerCase(), ...formsOf(Buffer.from(MARK))])).toEqual([]);
});

test('inv07: no credential of ours, and no token or session that it was given, is left anywhere', () => {
  expect(credentials.length).toBeGreaterThan(30);
  expect(all.find(credentials)).toEqual([]);
});

test('inv07: no workspace key is left anywhere, in any form', async () => {
  const rows = await asSuperuser(deployment.database.ownerUrl, (query) =>
    query('SELECT organization_id AS id, version, check_value FROM key_version ORDER BY id, version'),
  );
  const keys = rows.map(({ id, version, check_value }) =>
    drawn.find((bytes) => checkValueOf(bytes, id as never, version as never) === check_value),
  );
  // These are the keys; whatever else was drawn for a plan that came to nothing is searched for all the same.
  expect(keys).toHaveLength(2 * PROVIDERS.length);
  expect(keys).not.toContain(undefined);
  expect(all.find(drawn.flatMap(formsOf))).toEqual([]);
});
