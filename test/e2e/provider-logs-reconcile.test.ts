import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { WorkspaceCipher } from '../../cipher';
import { EXIT } from '../../cli/exit-codes';
import type { ProviderName } from '../../domain/custody';
import type { KeyVersion } from '../../domain/ids';
import { waitUntil } from '../../scripts/parts/wait';
import { Arrangement } from './deployment/arrangement';
import { openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { evidence, trustText } from './deployment/evidence';
import { withOurProviders } from './deployment/our-providers';
import { asSuperuser } from './deployment/sql';
import { terminal } from './deployment/terminal';
import { QUICK, startWorkers } from './deployment/workers';

const MINUTE = 60_000;
/** `reconcile` asks no server. */
const smsk = terminal({ url: 'http://127.0.0.1:1', tokenFile: '/nonexistent' });

interface Reconciled {
  readonly exitCode: number;
  readonly said: Readonly<Record<string, unknown>>;
}
type ByProvider<T> = Readonly<Record<ProviderName, T>>;

let deployment: Deployment;
let arrangements: ByProvider<Arrangement>;
let cipher: WorkspaceCipher;
/** What `smsk` said of all that our deployment did, and what it said once somebody else had used the keys too. */
let honest: ByProvider<Reconciled>;
let robbed: ByProvider<Reconciled>;

beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, { settings: QUICK });
  arrangements = await forBoth((provider) => Arrangement.create(deployment, NAMES[provider], provider));
  await forBoth((provider) => arrangements[provider].reach('handoff'));
  ({ cipher } = await openCipher(deployment));
  await content();
  await endEra(40);
  honest = await reconcileBoth('honest');
  await useTheKeysOutside();
  await endEra(30);
  await content();
  await endEra(20);
  robbed = await reconcileBoth('robbed');
}, 180_000);
afterAll(() => deployment?.close());

test.each(PROVIDERS)(
  '%s: all that a deployment does, from its first probe on, is in the signed ledger',
  (provider) => {
    const { exitCode, said } = honest[provider];
    expect(said).toMatchObject({
      verdict: 'matched',
      outside: { count: 0 },
      denied: { count: 0 },
      oursOnly: { count: 0 },
      unread: { count: 0 },
      unjudged: { records: 0, rows: 0 },
      byTime: 0,
    });
    expect(exitCode).toBe(EXIT.ok);
    const { done, refused } = said['matched'] as Record<'done' | 'refused', number>;
    // Wrap and unwrap of the verification and its canary, the dry-run's, those of two versions; content; recovery.
    expect(done).toBeGreaterThanOrEqual(16);
    expect(refused).toBeGreaterThanOrEqual(1);
  },
);

test.each(PROVIDERS)('%s: a use of the key that we didn’t sign for is found, and named', (provider) => {
  const { exitCode, said } = robbed[provider];
  expect(exitCode).toBe(EXIT.outside);
  expect(said).toMatchObject({
    verdict: 'outside',
    outside: { count: 1, callers: [{ count: 1, ...OUTSIDER[provider] }] },
    oursOnly: { count: 0 },
    unjudged: { records: 0, rows: 0 },
  });
});

const NAMES: ByProvider<string> = { 'aws-kms': 'acme', 'azure-key-vault': 'globex' };
const OUTSIDER: ByProvider<object> = {
  'aws-kms': { operation: 'Encrypt', principal: expect.stringMatching(/:assumed-role\/.*@test$/) },
  'azure-key-vault': { operation: 'KeyWrap', principal: expect.stringContaining('app ') },
};

async function forBoth<T>(work: (provider: ProviderName) => Promise<T>): Promise<ByProvider<T>> {
  const done = PROVIDERS.map(async (provider) => [provider, await work(provider)] as const);
  return Object.fromEntries(await Promise.all(done)) as ByProvider<T>;
}

let refusals = 0;
/** A write, a refused read, and a read again, by which the incident ends: its recovery proves every envelope. */
async function content(): Promise<void> {
  const context = { record: 'r-1' };
  await forBoth(async (provider) => {
    const arrangement = arrangements[provider];
    const organization = arrangement.organization.id;
    const sealed = await cipher.encrypt(organization, Buffer.from('x'), context);
    await arrangement.turn('off');
    await expect(cipher.decrypt(organization, sealed, context)).rejects.toThrow();
    await arrangement.turn('on');
    await cipher.decrypt(organization, sealed, context);
  });
  refusals += PROVIDERS.length;
  await asSuperuser(deployment.database.ownerUrl, async (query) => {
    // Recorded behind the operations: both refusals must be in before their end is waited for.
    let incidents: Record<string, unknown>[] = [];
    const areClosed = async () => {
      incidents = await query('SELECT code, refusals, answered_at, relayed_at, closed_at FROM incident');
      const counted = incidents.reduce((sum, { refusals: each }) => sum + Number(each), 0);
      return counted === refusals && incidents.every(({ closed_at: at }) => at !== null);
    };
    if (await waitUntil(areClosed, 30_000)) return;
    throw new Error(`an incident stayed open: ${JSON.stringify(incidents)}`);
  });
}

/** With all that our processes have, and nothing of it recorded. */
async function useTheKeysOutside(): Promise<void> {
  await withOurProviders(deployment, ({ provider: ours }) =>
    forBoth(async (provider) => {
      const { connectionId } = await arrangements[provider].status();
      const connection = connectionId === null ? null : await deployment.store.connection(connectionId);
      if (connection === null) throw new Error('there is no connection');
      const organization = arrangements[provider].organization.id;
      const context = { organization, purpose: 'workspace-key', keyVersion: 1 as KeyVersion } as const;
      await ours.wrap(connection, Buffer.alloc(32, 7), context, AbortSignal.timeout(20_000));
    }),
  );
}

/** What had happened by then did so as many minutes before it did: an hour's log without an hour. */
interface Era {
  readonly sequence: ByProvider<number>;
  readonly usageId: string;
  readonly minutesAgo: number;
}
const eras: Era[] = [];

async function endEra(minutesAgo: number): Promise<void> {
  await asSuperuser(deployment.database.ownerUrl, async (query) => {
    // It is append-only, for a superuser too.
    await query('ALTER TABLE usage DISABLE TRIGGER ALL');
    const before = eras.at(-1)?.usageId ?? '0';
    const [moved] = await query(
      `WITH moved AS (
         UPDATE usage SET at = at - make_interval(mins => $1) WHERE id > $2::bigint RETURNING id
       ) SELECT coalesce(max(id), $2::bigint)::text AS id FROM moved`,
      [minutesAgo, before],
    );
    const { aws, azure } = deployment.outside;
    const sequence = { 'aws-kms': aws.lastSequence(), 'azure-key-vault': azure.lastSequence() };
    eras.push({ sequence, usageId: String(moved?.['id']), minutesAgo });
  });
}

/** In the form that the cloud writes times in: CloudTrail has whole seconds. */
function shifted(provider: ProviderName, at: string, sequence: number): string {
  const era = eras.find((each) => sequence <= each.sequence[provider]);
  const then = new Date(Date.parse(at) - (era?.minutesAgo ?? 0) * MINUTE).toISOString();
  return at.includes('.') ? then : `${then.slice(0, 19)}Z`;
}

/** The emulators' trails in the form of each cloud's own export. */
const EXPORTS: ByProvider<(folder: string) => void> = {
  'aws-kms': (folder) => {
    const records = deployment.outside.aws.trail().map(({ sequence, ...record }) => ({
      ...record,
      eventTime: shifted('aws-kms', record.eventTime, sequence),
    }));
    const half = records.length >> 1;
    for (const [i, part] of [records.slice(0, half), records.slice(half)].entries())
      writeFileSync(join(folder, `${i}.json.gz`), gzipSync(JSON.stringify({ Records: part })));
  },
  'azure-key-vault': (folder) => {
    const rows = deployment.outside.azure
      .trail()
      .map(({ sequence, ...row }) => ({ ...row, time: shifted('azure-key-vault', row.time, sequence) }));
    writeFileSync(join(folder, 'PT1H.json'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  },
};

/** As the customer's security team does it: a bundle, the log, and keys that it got another way. */
async function reconcileBoth(name: string): Promise<ByProvider<Reconciled>> {
  const { store, folder } = deployment;
  await store.rollUpUsage(await store.now());
  return forBoth(async (provider) => {
    const [bundle, log] = [join(folder, name, provider, 'bundle'), join(folder, name, provider, 'log')];
    for (const each of [bundle, log]) mkdirSync(each, { recursive: true });
    for (const [file, bytes] of await evidence(arrangements[provider]))
      writeFileSync(join(bundle, file), bytes);
    const trust = join(folder, name, provider, 'trust');
    writeFileSync(trust, await trustText(arrangements[provider]));
    EXPORTS[provider](log);
    const { exitCode, out } = await smsk(['evidence', 'reconcile', bundle, log, '--trust', trust, '--json']);
    return { exitCode, said: JSON.parse(out) };
  });
}
