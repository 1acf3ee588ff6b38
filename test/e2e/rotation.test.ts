import { parseCiphertext } from '../../cipher/format';
import { nodeSuite, parseTrust, verifyBundle } from '../../ledger';
import { startRotation, WORKFLOW_TYPES } from '../../workflows/contract';
import { Arrangement, signed } from './deployment/arrangement';
import type { AwsCloud } from './deployment/aws-cloud';
import type { AzureCloud } from './deployment/azure-cloud';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { evidence, trustText, verdictOf } from './deployment/evidence';
import { type Flow, underTraffic } from './deployment/under-traffic';
import { startWorkers } from './deployment/workers';

const context = { record: 'invoice-1' };

/** A rotation on real parts, under traffic: the customer's key has a new version where keys have them. */
describe.each(PROVIDERS)('%s', (provider) => {
  let deployment: Deployment;
  let acme: Arrangement<AwsCloud | AzureCloud>;
  let content: OpenCipher;
  let ciphertext: Buffer;
  let flow: Flow;
  let before = 0;
  let result: unknown;
  let since = 0;

  beforeAll(async () => {
    deployment = await openDeployment();
    await startWorkers(deployment);
    content = await openCipher(deployment);
    acme = await Arrangement.create(deployment, 'acme', provider);
    const { id } = acme.organization;
    await acme.reach('closed');
    ciphertext = await content.cipher.encrypt(id, Buffer.from('written before'), context);
    before = (await acme.entries()).length;
    since = acme.cloud.lastSequence();
    await newVersion();
    ({ flow, result } = await underTraffic(content, id, { ciphertext, context }, () =>
      rotate({ newKeyVersion: true, reason: 'yearly' }),
    ));
  });
  afterAll(() => deployment?.close());

  async function newVersion(): Promise<void> {
    const { customer } = acme;
    // AWS turns its material over by itself, behind the same ARN.
    if (customer.provider === 'aws-kms') return;
    await customer.keys.createRsaKey(customer.key().split('/keys/')[1] ?? '', {
      keySize: 3072,
      keyOps: ['wrapKey', 'unwrapKey'],
    });
  }

  async function rotate(wanted: { newKeyVersion?: boolean; reason?: string } = {}) {
    const { name: organization } = acme.organization;
    const input = await signed(deployment, organization, 'support', 'startRotation', {
      organization,
      ...wanted,
    });
    return deployment.client.workflow.execute(WORKFLOW_TYPES.rotateCustomerKey, startRotation(input));
  }

  const keys = () => deployment.store.keys(acme.organization.id);

  test('inv02: it goes through, and no read or write failed meanwhile', async () => {
    expect(result).toMatchObject({ outcome: 'completed', reason: null });
    expect(flow.failed).toEqual([]);
    expect(flow.done).toBeGreaterThan(3);
    const types = (await acme.entryTypes()).slice(before);
    expect(types.filter((type) => type !== 'usage')).toEqual([
      'operation-opened',
      'verification-recorded',
      'rotation-launched',
      'envelope-staged',
      'envelope-staged',
      'envelope-staged',
      'custody-switched',
      'superseded-envelopes-erased',
    ]);
    expect(await deployment.store.auditRows()).toEqual([]);
  });

  test('old data opens, new data is under version 3', async () => {
    const { id } = acme.organization;
    expect(await content.cipher.decrypt(id, ciphertext, context)).toEqual(Buffer.from('written before'));
    expect(parseCiphertext(ciphertext).keyVersion).toBe(2);
    const written = await content.cipher.encrypt(id, Buffer.from('after'), context);
    expect(parseCiphertext(written).keyVersion).toBe(3);
  });

  test('a version of the key that is said to be safe to disable is', async () => {
    const { keyRefs } = await keys();
    const { id } = acme.organization;
    const { customer } = acme;
    if (customer.provider === 'aws-kms') {
      expect(keyRefs).toMatchObject([{ live: [1, 2, 3], retired: null }]);
      return;
    }
    expect(keyRefs).toMatchObject([
      { live: [], retired: { index: before + 7 } },
      { live: [1, 2, 3], retired: null },
    ]);
    const [name, version] = (keyRefs[0]?.keyRef ?? '').split('/keys/')[1]?.split('/') ?? [];
    if (name === undefined) throw new Error('no name');
    await customer.keys.updateKeyProperties(name, version ?? '', { enabled: false });
    expect(await content.cipher.decrypt(id, ciphertext, context)).toEqual(Buffer.from('written before'));
    // And the other one isn't: the switch that the customer holds is that one now.
    await customer.disableKey();
    await expect(content.cipher.decrypt(id, ciphertext, context)).rejects.toThrow();
    await customer.enableKey();
    expect(await content.cipher.decrypt(id, ciphertext, context)).toEqual(Buffer.from('written before'));
  });

  test('nothing newer: there’s nothing to do, and it says so', async () => {
    expect(await rotate()).toMatchObject({ outcome: 'completed', reason: 'NOTHING_TO_ROTATE' });
  });

  test('the evidence of it verifies by keys from outside; a line of it that is changed is named', async () => {
    const verdict = await verdictOf(acme);
    expect(verdict.findings).toEqual([]);
    expect(verdict.verdict).toBe('verified');
    const files = await evidence(acme);
    const entries = Buffer.from(files.get('entries.jsonl') ?? '').toString();
    const forged = entries.replace('"retired":[', '"retired":["x",').replace('["x",]', '["x"]');
    expect(forged).not.toBe(entries);
    const found = await verifyBundle(nodeSuite, new Map(files).set('entries.jsonl', Buffer.from(forged)), {
      trust: parseTrust(nodeSuite, await trustText(acme)),
    });
    expect(found.verdict).toBe('failed');
    expect(found.findings).toContainEqual(
      expect.objectContaining({ code: 'LINE_CHANGED', line: before + 8 }),
    );
  });

  test('inv11: in the customer’s account we did nothing but take a credential, wrap and unwrap with the one key', () => {
    const ours = acme.cloud.trail(since).filter((row) => row.ours);
    expect(ours.filter(({ call }) => call === null)).toEqual([]);
    const used = new Set(ours.flatMap(({ call, key }) => (call === 'credential' ? [] : [key])));
    expect([...used]).toEqual([acme.customer.key()]);
  });
});
