import { waitUntil } from '../../scripts/parts/wait';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { verdictOf } from './deployment/evidence';
import { WorkerProcesses } from './deployment/processes';
import { asSuperuser } from './deployment/sql';
import { UNDISTURBED } from './deployment/undisturbed';

/**
 * Real worker processes, a real `kill -9`. Each of the activations, three with each provider, has one call to a key
 * service held open, so that all are where they should be when both workers die at once, in the middle of these calls.
 */
const POINTS = [
  { point: 'staging', when: 'while staging', last: 'live-launched' },
  { point: 'switched', when: 'between the switch and the platform key’s end', last: 'custody-switched' },
  { point: 'proving', when: 'while the platform key’s refusals are proved', last: 'platform-key-disabled' },
] as const;
type Point = (typeof POINTS)[number]['point'];

interface Killed {
  readonly arrangement: Arrangement;
  readonly ciphertext: Buffer;
  /** The ledger's last entry while no worker was alive. */
  readonly stoodAt: string | undefined;
}

let deployment: Deployment;
let content: OpenCipher;
const killed = new Map<string, Killed>();
const record = { record: 'r-1' };

/** Without what the workers write of each minute, which they also do when they start. */
const stepsOf = async (arrangement: Arrangement) =>
  (await arrangement.entryTypes()).filter((type) => type !== 'usage');

beforeAll(async () => {
  deployment = await openDeployment();
  const { outside, store } = deployment;
  const { aws, azure } = outside;
  const [processes, cipher] = await Promise.all([WorkerProcesses.start(deployment), openCipher(deployment)]);
  content = cipher;
  const prepared = async (provider: (typeof PROVIDERS)[number], point: Point) => {
    const name = `${point}-${provider.split('-')[0]}`;
    const arrangement: Arrangement = await Arrangement.create(deployment, name, provider);
    const ciphertext = await content.cipher.encrypt(arrangement.organization.id, Buffer.from('kept'), record);
    await arrangement.reach('live');
    const key = await store.platformKey(arrangement.organization.id);
    if (key === null) throw new Error('no platform key');
    return { provider, point, arrangement, ciphertext, platformKey: key.keyRef };
  };
  const all = await Promise.all(
    PROVIDERS.flatMap((provider) => POINTS.map(({ point }) => prepared(provider, point))),
  );

  const holdPlatform = (action: string, keyId: string) =>
    aws.inject({ match: { service: 'kms', action, keyId }, effect: { kind: 'hold' } });
  const isHeld = async (hits: () => number) => {
    if (!(await waitUntil(() => hits() > 0, 30_000, 10))) throw new Error('a held call never came');
  };
  const launched: Readonly<Record<Point, (each: (typeof all)[number]) => Promise<void>>> = {
    staging: async ({ arrangement }) => {
      const { cloud } = arrangement;
      const fault = cloud.inject({ on: 'wrap', effect: { kind: 'hold' } });
      await arrangement.launch();
      await isHeld(() => cloud.hitsOf(fault));
    },
    switched: async ({ arrangement, platformKey }) => {
      const fault = holdPlatform('DisableKey', platformKey);
      await arrangement.launch();
      await isHeld(() => aws.hitsOf(fault));
    },
    // The unwrap that shall be refused is held: the first one after the platform key was disabled.
    proving: async ({ arrangement, platformKey }) => {
      await arrangement.launch();
      await arrangement.untilAt('sealing');
      const fault = holdPlatform('Decrypt', platformKey);
      await isHeld(() => aws.hitsOf(fault));
    },
  };
  // The slowest way first.
  for (const point of ['proving', 'switched', 'staging'] as const) {
    await Promise.all(all.filter((each) => each.point === point).map(launched[point]));
  }
  await processes.kill();
  for (const { provider, point, arrangement, ciphertext } of all) {
    const stoodAt = (await stepsOf(arrangement)).at(-1);
    killed.set(`${provider} ${point}`, { arrangement, ciphertext, stoodAt });
  }
  aws.clearFaults();
  azure.clearFaults();
  await processes.start();
}, 180_000);
afterAll(() => deployment?.close());

describe.each(PROVIDERS)('%s', (provider) => {
  test.each(POINTS)(
    'killed $when: the restarted workers finish it as if nothing had been',
    async ({ point, last }) => {
      const each = killed.get(`${provider} ${point}`);
      if (each === undefined) throw new Error('nothing was killed');
      const { arrangement, ciphertext, stoodAt } = each;
      expect(stoodAt).toBe(last);
      const { store, database } = deployment;
      const { id } = arrangement.organization;
      await arrangement.untilAt('handoff');
      await arrangement.reach('closed');
      expect(await arrangement.result()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
      expect(await stepsOf(arrangement)).toEqual(UNDISTURBED);
      const envelopes = await asSuperuser(database.ownerUrl, (query) =>
        query(
          `SELECT version, custody, wrapped IS NULL AS erased FROM envelope WHERE organization_id = $1
           ORDER BY custody, version`,
          [id],
        ),
      );
      expect(envelopes).toEqual([
        { version: 1, custody: 'customer', erased: false },
        { version: 2, custody: 'customer', erased: false },
        { version: 1, custody: 'platform', erased: true },
      ]);
      expect((await verdictOf(arrangement)).verdict).toBe('verified');
      expect(await store.auditRows()).toEqual([]);
      expect(await content.cipher.decrypt(id, ciphertext, record)).toEqual(Buffer.from('kept'));
      const after = await content.cipher.encrypt(id, Buffer.from('after'), record);
      expect(await content.cipher.decrypt(id, after, record)).toEqual(Buffer.from('after'));
    },
    120_000,
  );
});
