import { randomBytes, randomUUID } from 'node:crypto';
import { WorkspaceUnavailable } from '../../cipher';
import { newConnection } from '../../domain/connection';
import type { ConnectionId, KeyVersion } from '../../domain/ids';
import { createStore } from '../../store';
import { Arrangement } from './deployment/arrangement';
import { attackerOf } from './deployment/attacker';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { copyOf } from './deployment/database-copy';
import { type Deployment, openDeployment } from './deployment/deployment';
import { withOurProviders } from './deployment/our-providers';
import { asSuperuser } from './deployment/sql';
import { QUICK, startWorkers } from './deployment/workers';
import { FORGERIES, REFUSED, SERVED, type Victim } from './forgery/forgeries';
import { type Row, rowsOf, TABLES } from './forgery/rows';

/**
 * A database superuser, who can write every row and has read every statement ever signed, against the cipher on
 * real parts. Each forgery is made in a copy of the database, so none sees another's, and there to an organization of
 * each provider.
 */
type Target = Victim & {
  readonly provider: (typeof PROVIDERS)[number];
  readonly platformKey: string;
  /** Of version 1 and of version 2. */
  readonly ciphertexts: readonly [Buffer, Buffer];
};

let deployment: Deployment;
let genuine: OpenCipher;
let targets: readonly Target[];
const record = { record: 'r-1' };

beforeAll(async () => {
  deployment = await openDeployment();
  const stopWorkers = await startWorkers(deployment, { settings: QUICK });
  const early = await openCipher(deployment);
  const activated = async (provider: Target['provider'], name: string): Promise<Arrangement> => {
    const arrangement: Arrangement = await Arrangement.create(deployment, name, provider);
    await arrangement.reach('closed');
    return arrangement;
  };
  const prepared = async (provider: Target['provider']): Promise<Target> => {
    const [account = ''] = provider.split('-');
    const arrangement: Arrangement = await Arrangement.create(deployment, `on-${account}`, provider);
    const { id } = arrangement.organization;
    const encrypted = (text: string) => early.cipher.encrypt(id, Buffer.from(text), record);
    const old = await encrypted('old');
    const platformKey = (await deployment.store.platformKey(id))?.keyRef ?? '';
    await arrangement.reach('live');
    const past = new Map<string, readonly Row[]>();
    await asSuperuser(deployment.database.ownerUrl, async (query) => {
      for (const table of TABLES) past.set(table, await rowsOf(query, table, id));
    });
    const [other] = await Promise.all([activated(provider, `other-${account}`), arrangement.reach('closed')]);
    const ciphertexts = [old, await encrypted('new')] as const;
    const attacker = await attackerOf(arrangement);
    return { provider, arrangement, other, attacker, past, platformKey, ciphertexts };
  };
  targets = await Promise.all(PROVIDERS.map(prepared));
  await early.close();
  await stopWorkers();
  genuine = await openCipher(deployment);
}, 120_000);
afterAll(() => deployment?.close());

async function answersOn({ cipher }: OpenCipher, { arrangement, ciphertexts }: Target): Promise<string[]> {
  const { id } = arrangement.organization;
  const attempts = [
    async () => {
      const ciphertext = await cipher.encrypt(id, Buffer.from('secret'), record);
      // Not redirected: it opens under the true custody.
      expect(await genuine.cipher.decrypt(id, ciphertext, record)).toEqual(Buffer.from('secret'));
    },
    ...ciphertexts.map((ciphertext) => () => cipher.decrypt(id, ciphertext, record)),
  ];
  const answers: string[] = [];
  for (const attempt of attempts) {
    answers.push(
      await attempt().then(
        () => 'served',
        (error: unknown) => {
          if (error instanceof WorkspaceUnavailable) return error.providerCode;
          throw error;
        },
      ),
    );
  }
  return answers;
}

/** By provider. */
async function ofEach<T>(work: (target: Target) => Promise<T> | T): Promise<Record<string, T>> {
  const found: Record<string, T> = {};
  for (const target of targets) found[target.provider] = await work(target);
  return found;
}

test.each(FORGERIES.map((forgery) => [forgery.name, forgery] as const))(
  'forged: %s: no write is redirected, no other key is asked, and the audit finds it',
  async (_, { forge, answers = REFUSED }) => {
    const { outside, runtime, signer, log } = deployment;
    const { config } = runtime;
    const copy = await copyOf(deployment.database);
    try {
      await asSuperuser(copy.ownerUrl, async (query) => {
        for (const table of TABLES) await query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
        for (const target of targets) await forge(query, target);
        for (const table of TABLES)
          await query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER USER`).catch(() => []);
      });
      const since = outside.aws.lastSequence();
      const attackersCalls = () => ofEach(({ attacker }) => attacker.calls());
      const before = await attackersCalls();
      const secret = (file: string) => (file === config.databaseUrlFile ? copy.url : runtime.secret(file));
      const forged = await openCipher({ ...deployment, runtime: { ...runtime, secret } });
      expect(await ofEach((target) => answersOn(forged, target))).toEqual(await ofEach(() => answers));
      await forged.close();

      expect(await attackersCalls()).toEqual(before);
      const keys = outside.aws.trail(since).flatMap(({ resources = [] }) => resources.map(({ ARN }) => ARN));
      for (const { platformKey } of targets) expect(keys).not.toContain(platformKey);

      const { deployment: name, mode } = config;
      const store = createStore(
        { url: copy.url, deployment: name, mode, random: randomBytes },
        signer,
        log.logger,
      );
      const found = (await store.auditRows()).map(({ organization }) => organization);
      await store.close();
      expect(found).toEqual(
        expect.arrayContaining(targets.map(({ arrangement }) => arrangement.organization.id)),
      );
    } finally {
      await copy.drop();
    }
  },
);

test('without a forgery everything is served and the audit finds nothing', async () => {
  expect(await ofEach((target) => answersOn(genuine, target))).toEqual(await ofEach(() => SERVED));
  expect(await deployment.store.auditRows()).toEqual([]);
});

test('had a wrap been redirected, it would have worked, and been counted', async () => {
  await withOurProviders(deployment, async ({ provider }) => {
    for (const { arrangement, attacker } of targets) {
      const { id, externalId } = arrangement.organization;
      const input = attacker.cloud.customer.connection();
      const connection = newConnection(randomUUID() as ConnectionId, id, externalId, input);
      const context = { organization: id, purpose: 'workspace-key', keyVersion: 1 as KeyVersion } as const;
      const before = attacker.calls();
      const { keyRef } = await provider.wrap(
        connection,
        randomBytes(32),
        context,
        AbortSignal.timeout(20_000),
      );
      expect(keyRef).toBe(attacker.keyRef);
      expect(attacker.calls()).toBeGreaterThanOrEqual(before + 2);
    }
  });
});
