import { waitUntil } from '../../scripts/parts/wait';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { type Deployment, openDeployment } from './deployment/deployment';
import { verdictOf } from './deployment/evidence';
import { WorkerProcesses } from './deployment/processes';
import { asSuperuser } from './deployment/sql';
import { UNDISTURBED } from './deployment/undisturbed';

/**
 * Real worker processes, a real `kill -9`. Each of three activations has one call to its key service held open, so
 * that all three are where they should be when both workers die at once, in the middle of these calls.
 */
let deployment: Deployment;
let processes: WorkerProcesses;
let content: OpenCipher;
let staging: Arrangement;
let switched: Arrangement;
let proving: Arrangement;
const kept = new Map<Arrangement, Buffer>();
/** The last entry of each ledger while no worker was alive. */
const stoodAt: (string | undefined)[] = [];
const record = { record: 'r-1' };
const all = () => [staging, switched, proving];

beforeAll(async () => {
  deployment = await openDeployment();
  const { outside, store } = deployment;
  const { aws } = outside;
  [processes, content] = await Promise.all([WorkerProcesses.start(deployment), openCipher(deployment)]);
  staging = await Arrangement.create(deployment, 'staging');
  switched = await Arrangement.create(deployment, 'switched');
  proving = await Arrangement.create(deployment, 'proving');
  for (const each of all()) {
    kept.set(each, await content.cipher.encrypt(each.organization.id, Buffer.from('kept'), record));
    await each.reach('live');
  }

  const hold = (action: string, keyId: string) =>
    aws.inject({ match: { service: 'kms', action, keyId }, effect: { kind: 'hold' } });
  const isHeld = async (fault: string) => {
    if (!(await waitUntil(() => aws.hitsOf(fault) > 0, 30_000, 10))) throw new Error(`${fault} was not hit`);
  };
  const platformKeyOf = async ({ organization }: Arrangement) => {
    const key = await store.platformKey(organization.id);
    if (key === null) throw new Error('no platform key');
    return key.keyRef;
  };
  // The slowest way first: after its platform key is disabled, the unwrap that shall be refused is held.
  await proving.launch();
  await proving.untilAt('sealing');
  const third = hold('Decrypt', await platformKeyOf(proving));
  const second = hold('DisableKey', await platformKeyOf(switched));
  const first = hold('Encrypt', staging.customer.key());
  await switched.launch();
  await isHeld(third);
  await isHeld(second);
  await staging.launch();
  await isHeld(first);
  await processes.kill();
  for (const each of all()) stoodAt.push((await each.entryTypes()).at(-1));
  aws.clearFaults();
  await processes.start();
}, 180_000);
afterAll(() => deployment?.close());

test('all three were killed where they should be', () => {
  expect(stoodAt).toEqual(['live-launched', 'custody-switched', 'platform-key-disabled']);
});

test.each([
  ['while staging', () => staging],
  ['between the switch and the platform key’s end', () => switched],
  ['while the platform key’s refusals are proved', () => proving],
])(
  'killed %s: the restarted workers finish it as if nothing had been',
  async (_, arrangement) => {
    const each = arrangement();
    const { store, database } = deployment;
    const { id } = each.organization;
    await each.untilAt('handoff');
    await each.reach('closed');
    expect(await each.result()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
    expect(await each.entryTypes()).toEqual(UNDISTURBED);
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
    expect((await verdictOf(each)).verdict).toBe('verified');
    expect(await store.auditRows()).toEqual([]);
    const before = kept.get(each) ?? Buffer.alloc(0);
    expect(await content.cipher.decrypt(id, before, record)).toEqual(Buffer.from('kept'));
    const after = await content.cipher.encrypt(id, Buffer.from('after'), record);
    expect(await content.cipher.decrypt(id, after, record)).toEqual(Buffer.from('after'));
  },
  120_000,
);
