import { parseCiphertext } from '../../cipher/format';
import { nodeSuite, parseTrust, verifyBundle } from '../../ledger';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { type CustomerCloud, PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { evidence, trustText, verdictOf } from './deployment/evidence';
import { Offboarding } from './deployment/offboarding';
import { lookAndTell, Told } from './deployment/told';
import { type Flow, underTraffic } from './deployment/under-traffic';
import { startWorkers } from './deployment/workers';

const context = { record: 'invoice-1' };

/** An offboarding on real parts, under traffic: from the customer's key back to one of the operator's. */
describe.each(PROVIDERS)('from %s back', (provider) => {
  let deployment: Deployment;
  let acme: Arrangement<CustomerCloud>;
  let content: OpenCipher;
  let ciphertext: Buffer;
  let flow: Flow;
  let before = 0;
  let since = 0;
  let end = 0;
  let result: unknown;
  const told = new Told();

  beforeAll(async () => {
    deployment = await openDeployment();
    await startWorkers(deployment, { custody: told.custody });
    content = await openCipher(deployment);
    acme = await Arrangement.create(deployment, 'acme', provider);
    const { id } = acme.organization;
    await acme.reach('closed');
    ciphertext = await content.cipher.encrypt(id, Buffer.from('written before'), context);
    const offboarding = Offboarding.of(acme);
    before = (await acme.entries()).length;
    since = acme.cloud.lastSequence();
    ({ flow, result } = await underTraffic(content, id, { ciphertext, context }, async () => {
      await offboarding.toLive();
      await lookAndTell(deployment);
      await offboarding.reach('closed');
      return offboarding.result();
    }));
    await lookAndTell(deployment);
    end = acme.cloud.lastSequence();
  }, 120_000);
  afterAll(() => deployment?.close());

  const read = ({ cipher }: OpenCipher = content) =>
    cipher.decrypt(acme.organization.id, ciphertext, context);
  const custody = async () => (await deployment.store.status(acme.organization.name))?.custody;

  test('inv02: it goes through, and no read or write failed at any point', async () => {
    expect(result).toMatchObject({ outcome: 'completed', currentVersion: 2 });
    expect(flow.failed).toEqual([]);
    expect(flow.done).toBeGreaterThan(3);
    const types = (await acme.entryTypes()).slice(before);
    expect(types.filter((type) => type !== 'usage' && type !== 'notice-delivered')).toEqual([
      'operation-opened',
      'verification-recorded',
      'dry-run-recorded',
      'dry-run-reviewed',
      'approval-accepted',
      'operator-approved',
      'live-launched',
      'platform-key-created',
      'envelope-staged',
      'envelope-staged',
      'custody-switched',
      'superseded-envelopes-erased',
      'handoff-recorded',
    ]);
    expect(await custody()).toMatchObject({ custody: 'platform', connectionId: null });
    expect(await deployment.store.auditRows()).toEqual([]);
  });

  test('people were told of it: who asked, and how it ended, each once and on record', async () => {
    expect(told.bodies).toMatchObject([
      { type: 'operation.started', data: { kind: 'offboard', startedBy: 'support', outcome: null } },
      { type: 'operation.ended', data: { kind: 'offboard', outcome: 'completed' } },
    ]);
    const types = (await acme.entryTypes()).slice(before);
    expect(types.filter((type) => type === 'notice-delivered')).toHaveLength(2);
  });

  test('the customer disables its key: what was written before, and what is written now, is readable', async () => {
    await acme.turn('off');
    const { id } = acme.organization;
    const fresh = await openCipher(deployment);
    expect(await read()).toEqual(Buffer.from('written before'));
    expect(await read(fresh)).toEqual(Buffer.from('written before'));
    const written = await content.cipher.encrypt(id, Buffer.from('after'), context);
    expect(parseCiphertext(written).keyVersion).toBe(2);
    expect(await fresh.cipher.decrypt(id, written, context)).toEqual(Buffer.from('after'));
    const { keyRefs } = await deployment.store.keys(id);
    expect(keyRefs).toMatchObject([
      { live: [], retired: { index: expect.any(Number), backupsExpireAt: expect.any(String) } },
    ]);
  });

  test('inv11: we asked the customer’s account for nothing but to unwrap and wrap with the one key, and for nothing since', () => {
    const ours = acme.cloud.trail(since).filter((row) => row.ours);
    expect(ours.filter(({ call }) => call === null)).toEqual([]);
    const used = new Set(ours.flatMap(({ call, key }) => (call === 'credential' ? [] : [key])));
    expect([...used]).toEqual([acme.customer.key()]);
    expect(ours.filter(({ sequence }) => sequence > end)).toEqual([]);
  });

  test('the evidence of it verifies by keys from outside; without the API’s it is only self-attested', async () => {
    const verdict = await verdictOf(acme);
    expect(verdict.findings).toEqual([]);
    expect(verdict.verdict).toBe('verified');
    const trust = (await trustText(acme)).replace(/^actor .*$/m, '');
    const known = await verifyBundle(nodeSuite, await evidence(acme), {
      trust: parseTrust(nodeSuite, trust),
    });
    expect(known.verdict).toBe('self-attested');
  });

  test('it is no end of all things: activated again, the customer has its switch again', async () => {
    await acme.turn('on');
    await acme.start();
    await acme.reach('closed');
    expect(await custody()).toMatchObject({ custody: 'customer', sealing: false });
    expect(await read()).toEqual(Buffer.from('written before'));
    const written = await content.cipher.encrypt(acme.organization.id, Buffer.from('again'), context);
    expect(parseCiphertext(written).keyVersion).toBe(3);
    await acme.turn('off');
    await expect(read()).rejects.toMatchObject({ code: 'WORKSPACE_UNAVAILABLE' });
    expect((await verdictOf(acme)).verdict).toBe('verified');
  });
});
