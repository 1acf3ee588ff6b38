import { parseCiphertext } from '../../cipher/format';
import { startRotation, WORKFLOW_TYPES } from '../../workflows/contract';
import { Arrangement, signed } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { ConnectionChange } from './deployment/connection-change';
import { type Deployment, openDeployment } from './deployment/deployment';
import { verdictOf } from './deployment/evidence';
import { lookAndTell, Told } from './deployment/told';
import { type Flow, underTraffic } from './deployment/under-traffic';
import { startWorkers } from './deployment/workers';

const context = { record: 'invoice-1' };

/** A change of connection on real parts, under traffic: from one provider to the other. */
describe.each([
  ['aws-kms', 'azure-key-vault'],
  ['azure-key-vault', 'aws-kms'],
] as const)('from %s to %s', (from, to) => {
  let deployment: Deployment;
  let acme: Arrangement;
  let change: ConnectionChange;
  let content: OpenCipher;
  let ciphertext: Buffer;
  let flow: Flow;
  const refusedMeanwhile: unknown[] = [];
  let before = 0;
  let since = 0;
  let result: unknown;
  const told = new Told();

  beforeAll(async () => {
    deployment = await openDeployment();
    await startWorkers(deployment, { custody: told.custody });
    content = await openCipher(deployment);
    acme = await Arrangement.create(deployment, 'acme', from);
    const { id } = acme.organization;
    await acme.reach('closed');
    ciphertext = await content.cipher.encrypt(id, Buffer.from('written before'), context);
    change = await ConnectionChange.to(acme, to);
    before = (await acme.entries()).length;
    since = change.cloud.lastSequence();
    ({ flow, result } = await underTraffic(content, id, { ciphertext, context }, async () => {
      await change.start();
      await change.untilAt('setup');
      await change.send('submitConnection', { connection: acme.connection() }).catch((error: unknown) => {
        refusedMeanwhile.push((error as { cause?: { type?: string } }).cause?.type);
      });
      await change.reach('live');
      await lookAndTell(deployment);
      await change.launch();
      return change.result();
    }));
    await lookAndTell(deployment);
  }, 180_000);
  afterAll(() => deployment?.close());

  const read = () => content.cipher.decrypt(acme.organization.id, ciphertext, context);

  test('inv02: it goes through, and no read or write failed at any point', async () => {
    expect(result).toMatchObject({ outcome: 'completed', currentVersion: 3 });
    expect(flow.failed).toEqual([]);
    expect(flow.done).toBeGreaterThan(3);
    const types = (await acme.entryTypes()).slice(before);
    expect(types.filter((type) => type !== 'usage' && type !== 'notice-delivered')).toEqual([
      'operation-opened',
      'entitlement-confirmed',
      'refusal',
      'connection-submitted',
      'verification-recorded',
      'dry-run-recorded',
      'dry-run-reviewed',
      'approval-accepted',
      'live-launched',
      'envelope-staged',
      'envelope-staged',
      'envelope-staged',
      'custody-switched',
      'superseded-envelopes-erased',
    ]);
    expect(await deployment.store.auditRows()).toEqual([]);
  });

  test('people were told of it: who asked, and how it ended, each once and on record', async () => {
    expect(told.bodies).toMatchObject([
      { type: 'operation.started', data: { kind: 'change-connection', startedBy: 'support', outcome: null } },
      { type: 'operation.ended', data: { kind: 'change-connection', outcome: 'completed' } },
    ]);
    const types = (await acme.entryTypes()).slice(before);
    expect(types.filter((type) => type === 'notice-delivered')).toHaveLength(2);
  });

  test('the connection in use is no new one', () => {
    expect(refusedMeanwhile).toEqual(['NOTHING_TO_CHANGE']);
  });

  test('the sweep, the keys and what people are told go by the new connection', async () => {
    const { id, name } = acme.organization;
    const [subject] = await deployment.store.probeSubjects([id]);
    expect(subject?.connection.input).toEqual(change.connection());
    expect(subject?.held.map(({ context: { purpose } }) => purpose)).toEqual(['canary']);
    expect((await deployment.store.status(name))?.connection?.input).toEqual(change.connection());
    expect((await deployment.store.status(name))?.newConnection).toBeNull();
    const { keyRefs } = await deployment.store.keys(id);
    expect(keyRefs).toMatchObject([
      { live: [], retired: { index: expect.any(Number), backupsExpireAt: expect.any(String) } },
      { live: [1, 2, 3], retired: null },
    ]);
  });

  test('the former key disabled: everything is readable; the new one disabled: nothing is', async () => {
    await acme.turn('off');
    expect(await read()).toEqual(Buffer.from('written before'));
    const written = await content.cipher.encrypt(acme.organization.id, Buffer.from('after'), context);
    expect(parseCiphertext(written).keyVersion).toBe(3);
    await change.turn('off');
    await expect(read()).rejects.toThrow();
    await change.turn('on');
    expect(await read()).toEqual(Buffer.from('written before'));
  });

  test('a rotation afterwards is one of the new key', async () => {
    const { name: organization } = acme.organization;
    const wanted = { organization, newKeyVersion: true };
    const input = await signed(deployment, organization, 'support', 'startRotation', wanted);
    const rotated = await deployment.client.workflow.execute(
      WORKFLOW_TYPES.rotateCustomerKey,
      startRotation(input),
    );
    expect(rotated).toMatchObject({ outcome: 'completed', reason: null });
    expect(await read()).toEqual(Buffer.from('written before'));
  });

  test('the evidence of it verifies by keys from outside', async () => {
    const verdict = await verdictOf(acme);
    expect(verdict.findings).toEqual([]);
    expect(verdict.verdict).toBe('verified');
  });

  test('inv11: in the new account we did nothing but take a credential, wrap and unwrap with the one key', () => {
    const ours = change.cloud.trail(since).filter((row) => row.ours);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter(({ call }) => call === null)).toEqual([]);
    const used = new Set(ours.flatMap(({ call, key }) => (call === 'credential' ? [] : [key])));
    expect([...used]).toEqual([change.customer.key()]);
  });
});

describe('the key in use is disabled between approval and live', () => {
  let deployment: Deployment;
  afterAll(() => deployment?.close());

  test('launch is refused with the reason and nothing changes; enabled again, it goes through', async () => {
    deployment = await openDeployment();
    await startWorkers(deployment);
    const acme = await Arrangement.create(deployment, 'acme', 'aws-kms');
    await acme.reach('closed');
    const change = await ConnectionChange.to(acme, 'azure-key-vault');
    await change.start();
    await change.reach('live');
    const { id, name } = acme.organization;
    const custody = (await deployment.store.status(name))?.custody;
    await acme.turn('off');
    const refused = await change.launch().catch((error: unknown) => (error as { cause: unknown }).cause);
    expect(refused).toMatchObject({
      type: 'KEY_IN_USE_REFUSES',
      message: expect.stringContaining('Nothing'),
    });
    expect((await deployment.store.status(name))?.custody).toEqual(custody);
    expect((await acme.entries()).at(-1)).toMatchObject({
      type: 'refusal',
      body: { subject: 'live', code: 'KEY_IN_USE_REFUSES' },
    });
    await acme.turn('on');
    await change.launch();
    expect(await change.result()).toMatchObject({ outcome: 'completed' });
    expect((await deployment.store.liveEnvelopes(id)).map(({ version }) => version)).toEqual([1, 2, 3]);
  }, 120_000);
});
