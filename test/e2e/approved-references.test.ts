import { WorkspaceUnavailable } from '../../cipher';
import type { Finding } from '../../domain/finding';
import { createMetrics } from '../../runtime/metrics';
import { waitUntil } from '../../scripts/parts/wait';
import { composeShared } from '../../workers/compose';
import { minuteRound } from '../../workers/every-minute';
import { type Caller, type OpenApi, openApi } from './deployment/api';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { type Deployment, openDeployment } from './deployment/deployment';
import { everythingKept } from './deployment/everything';
import type { Haystack } from './deployment/search';
import type { Said, Terminal } from './deployment/terminal';
import { QUICK, startWorkers } from './deployment/workers';
import { handOverUser, operatorsSecrets } from './references/aws';
import { handOverApp } from './references/azure';
import { type HandedOver, NAME } from './references/handed-over';

/**
 * A customer that lets no identity of ours in: two people of the operator's vouch for a credential of the customer's
 * own, which lies in AWS Secrets Manager for the one and in a mounted file for the other.
 */
interface Subject {
  readonly arrangement: Arrangement;
  readonly handedOver: HandedOver;
  readonly admin: Terminal;
}

let deployment: Deployment;
let api: OpenApi;
let content: OpenCipher;
let support: Terminal;
let sre: Terminal;
let stranger: Subject;
let reader: Caller;
const subjects = new Map<string, Subject>();
/** All that anybody was answered. */
const heard: Said[] = [];

const DAY_MS = 86_400_000;
const END = new Date(Date.now() + 200 * DAY_MS).toISOString().slice(0, 10);
const record = { record: 'r-1' };

/** @throws Error with all it said, where it didn't do it */
async function done(terminal: Terminal, line: readonly string[]): Promise<Said> {
  const said = await terminal(line);
  heard.push(said);
  if (said.exitCode !== 0) throw new Error(`${line.join(' ')}: ${said.out}${said.err}`);
  return said;
}

async function vouchedFor({ arrangement, handedOver: { identity, locator } }: Subject): Promise<void> {
  const at = ['--org', arrangement.organization.name, '--name', NAME];
  const key = ['--key', arrangement.customer.key(), '--identity', identity, '--locator', locator];
  await done(support, ['credential', 'register', ...at, ...key, '--not-after', END]);
  const alone = await support(['credential', 'confirm', ...at, '--yes']);
  expect(alone.exitCode).not.toBe(0);
  expect(alone.out + alone.err).toContain('SECOND_PERSON_NEEDED');
  await done(sre, ['credential', 'confirm', ...at, '--yes']);
}

const connects = ({ arrangement, admin }: Subject, of: Subject, name: string): Promise<Said> =>
  admin([
    ...['connection', 'set', '--org', arrangement.organization.name, '--key', of.arrangement.customer.key()],
    ...['--credential', `approved:${name}`, ...of.handedOver.options],
  ]);

beforeAll(async () => {
  deployment = await openDeployment({
    references: async (outside, folder) => ({ secretsManager: await operatorsSecrets(outside, folder) }),
  });
  await startWorkers(deployment, { settings: QUICK });
  content = await openCipher(deployment);
  api = await openApi(deployment, content.cipher);
  support = await api.atTerminal('support');
  sre = await api.atTerminal('sre');
  reader = await api.as('support');
  const [acme, globex, initech] = await Promise.all([
    Arrangement.create(deployment, 'acme'),
    Arrangement.create(deployment, 'globex', 'azure-key-vault'),
    Arrangement.create(deployment, 'initech'),
  ]);
  const subjectOf = async (arrangement: Arrangement, handedOver: HandedOver): Promise<Subject> => {
    await arrangement.reach('setup');
    const admin = await api.atTerminal('customer-admin', arrangement.organization.id);
    return { arrangement, handedOver, admin };
  };
  subjects.set('aws-kms', await subjectOf(acme, await handOverUser(acme)));
  subjects.set('azure-key-vault', await subjectOf(globex, await handOverApp(globex)));
  stranger = await subjectOf(initech, { identity: '', locator: '', options: [], secrets: [] });
}, 120_000);
afterAll(() => deployment?.close());

const subjectFor = (provider: string): Subject => {
  const subject = subjects.get(provider);
  if (subject === undefined) throw new Error(`nobody is at ${provider}`);
  return subject;
};

describe.each(['aws-kms', 'azure-key-vault'] as const)('%s', (provider) => {
  let subject: Subject;
  let ciphertext: Buffer;
  beforeAll(() => {
    subject = subjectFor(provider);
  });
  const decrypt = () => content.cipher.decrypt(subject.arrangement.organization.id, ciphertext, record);

  test('from registration by two people to live, and data flows', async () => {
    const { arrangement } = subject;
    await vouchedFor(subject);
    const { exitCode, out } = await connects(subject, subject, NAME);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('connection recorded')]);
    const { findings } = await arrangement.untilAt('dry-run');
    expect(findings[0]).toMatchObject({ check: 'credential-reference', result: 'ok' });
    await arrangement.reach('handoff');
    const { id } = arrangement.organization;
    ciphertext = await content.cipher.encrypt(id, Buffer.from('kept'), record);
    expect((await decrypt()).toString()).toBe('kept');
  });

  test('to another organization that names it, it is exactly one that nobody has', async () => {
    const { arrangement } = stranger;
    const findingsFor = async (name: string): Promise<readonly Finding[]> => {
      const before = (await arrangement.entries()).length;
      heard.push(await connects(stranger, subject, name));
      let found: readonly Finding[] = [];
      const isFound = async () => {
        const last = (await arrangement.entries())
          .slice(before)
          .find(({ type }) => type === 'verification-recorded');
        found = (last?.body['findings'] ?? []) as readonly Finding[];
        return found.length > 0;
      };
      expect(await waitUntil(isFound, 20_000, 30)).toBe(true);
      return found;
    };
    const { cloud } = subject.arrangement;
    const sequence = cloud.lastSequence();
    const theirs = await findingsFor(NAME);
    expect(theirs.filter(({ result }) => result !== 'skipped')).toEqual([
      {
        ...{ check: 'credential-reference', result: 'failed', code: 'REFERENCE_UNKNOWN' },
        ...{ owner: 'customer', requestId: null },
      },
    ]);
    expect(await findingsFor('nobodys')).toEqual(theirs);
    expect(cloud.trail(sequence)).toEqual([]);
    const { body } = await reader.get('/initech/status');
    expect(body).toMatchObject({ custody: 'platform', awaiting: { who: 'customer-admin' } });
  });

  test('withdrawn by one, it fails closed at the very next operation; vouched for again, data is back', async () => {
    const { name: org, id } = subject.arrangement.organization;
    await done(support, ['credential', 'withdraw', '--org', org, '--name', NAME, '--yes']);
    const { cloud } = subject.arrangement;
    const sequence = cloud.lastSequence();
    const refused: unknown[] = await Promise.all([
      decrypt().catch((error: unknown) => error),
      content.cipher.encrypt(id, Buffer.from('new'), record).catch((error: unknown) => error),
    ]);
    for (const error of refused) {
      expect(error).toBeInstanceOf(WorkspaceUnavailable);
      expect(error).toMatchObject({ providerCode: 'REFERENCE_UNKNOWN' });
    }
    expect(cloud.trail(sequence)).toEqual([]);
    await aMinuteEnds();
    const { body } = await reader.get(`/${org}/status`);
    expect(body).toMatchObject({
      posture: 'degraded',
      incident: { code: 'REFERENCE_UNKNOWN', owner: 'customer' },
    });
    await vouchedFor(subject);
    expect((await decrypt()).toString()).toBe('kept');
  });
});

/** As each worker does every minute, and with what it is composed of. */
async function aMinuteEnds(): Promise<void> {
  const { runtime, log } = deployment;
  const { store, controlProbe, clouds } = composeShared(runtime, 'round', log.logger, createMetrics());
  try {
    await minuteRound(store, controlProbe);
  } finally {
    await store.close();
    clouds.egress.close();
  }
}

describe('after all of it', () => {
  let all: Haystack;
  beforeAll(async () => {
    all = await everythingKept(
      deployment,
      [...subjects.values()].map(({ arrangement }) => arrangement),
    );
    all.add('answers', heard);
  });

  test('the search finds the reference’s name, and nothing of a credential', () => {
    const named = all.find([NAME]);
    for (const where of [
      'history of',
      'table ledger_entry',
      'table reference_registration',
      'evidence',
      'answers',
    ])
      expect(named.some((each) => each.startsWith(where))).toBe(true);
    const secrets = [...subjects.values()].flatMap(({ handedOver }) => handedOver.secrets);
    expect(secrets.length).toBeGreaterThan(20);
    expect(all.find(secrets)).toEqual([]);
  });

  test('the ledger says who vouched for each, and no row is without its entry', async () => {
    for (const { arrangement } of subjects.values()) {
      const told = (await arrangement.entries())
        .filter(({ type }) => type.startsWith('reference-'))
        .map(({ type, actor }) => `${type} by ${actor.name}`);
      const vouched = ['reference-registered by support-1', 'reference-confirmed by sre-1'];
      expect(told).toEqual([...vouched, 'reference-withdrawn by support-1', ...vouched]);
    }
    expect(await deployment.store.auditRows()).toEqual([]);
  });
});
