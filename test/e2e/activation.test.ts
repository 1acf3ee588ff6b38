import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { parseCiphertext } from '../../cipher/format';
import type { EnvelopeRecord } from '../../domain/custody';
import { checkpointText, concatHashes, leafHash, nodeSuite, rootOfLeaves } from '../../ledger';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { verdictOf } from './deployment/evidence';
import { operatorIdentities, triesToUnwrap } from './deployment/operator-identities';
import { asSuperuser } from './deployment/sql';
import { type Flow, underTraffic } from './deployment/under-traffic';
import { UNDISTURBED } from './deployment/undisturbed';
import { startWorkers } from './deployment/workers';

/** One activation from order to handoff, on real parts; every test below looks at what it left. */
describe.each(PROVIDERS)('%s', (provider) => {
  let deployment: Deployment;
  let acme: Arrangement;
  let content: OpenCipher;
  const before: Record<'plaintext' | 'ciphertext', Buffer> = {
    plaintext: Buffer.from('written in platform custody'),
    ciphertext: Buffer.alloc(0),
  };
  const context = { record: 'invoice-1' };
  let flow: Flow;
  let platformKey = '';
  let wereLive: readonly EnvelopeRecord[] = [];

  beforeAll(async () => {
    deployment = await openDeployment();
    await startWorkers(deployment);
    content = await openCipher(deployment);
    acme = await Arrangement.create(deployment, 'acme', provider);
    const { store } = deployment;
    const { id } = acme.organization;
    before.ciphertext = await content.cipher.encrypt(id, before.plaintext, context);
    wereLive = await store.liveEnvelopes(id);
    platformKey = (await store.platformKey(id))?.keyRef ?? '';
    await acme.reach('live');
    ({ flow } = await underTraffic(content, id, { ciphertext: before.ciphertext, context }, () =>
      acme.reach('handoff'),
    ));
    await acme.reach('closed');
  });
  afterAll(() => deployment?.close());

  test('every stage left its entry, once and in order', async () => {
    expect(await acme.result()).toMatchObject({ outcome: 'completed', currentVersion: 2 });
    expect(await acme.entryTypes()).toEqual(UNDISTURBED);
    const entries = await acme.entries();
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, index) => index));
    const bySomebody = entries.filter(({ actor }) => actor.kind !== 'system');
    expect(bySomebody.map(({ type, actor }) => `${type} by ${actor.kind}`)).toEqual(
      expect.arrayContaining([
        'order-accepted by commerce',
        'connection-submitted by customer-admin',
        'dry-run-reviewed by support',
        'approval-accepted by customer-admin',
        'live-launched by support',
        'handoff-recorded by support',
      ]),
    );
  });

  test('data flowed all the while, switch and sealing included', () => {
    expect(flow.failed).toEqual([]);
    expect(flow.done).toBeGreaterThan(3);
  });

  test('the evidence verifies by keys from outside it: root, checkpoint, statements, order, approval', async () => {
    const { store } = deployment;
    const { id } = acme.organization;
    const verdict = await verdictOf(acme);
    expect(verdict.findings).toEqual([]);
    expect(verdict.verdict).toBe('verified');
    expect(verdict.entries).toBe(UNDISTURBED.length);

    const lines = await store.ledgerLines(id, 0, 1000);
    const leaves = concatHashes(lines.map(({ entry }) => leafHash(nodeSuite, Buffer.from(entry))));
    const root = rootOfLeaves(nodeSuite, leaves);
    expect(Buffer.from((await store.ledgerHead(id)).root)).toEqual(Buffer.from(root));
    const origin = `${deployment.runtime.config.deployment}/${id}`;
    const text = checkpointText({ origin, size: lines.length, root, mode: 'development' });
    expect((await store.latestCheckpoint(id))?.note.startsWith(text)).toBe(true);
    // One for each envelope, each custody, and the sealing.
    expect(await store.statements(id)).toHaveLength(3 + 2 + 1);
  });

  test('new data is under version 2, old data still opens', async () => {
    const { id } = acme.organization;
    const ciphertext = await content.cipher.encrypt(id, Buffer.from('new'), context);
    expect(parseCiphertext(ciphertext).keyVersion).toBe(2);
    expect(parseCiphertext(before.ciphertext).keyVersion).toBe(1);
    expect(await content.cipher.decrypt(id, before.ciphertext, context)).toEqual(before.plaintext);
  });

  test('the platform’s envelopes are erased, its key waits for its end', async () => {
    const rows = await asSuperuser(deployment.database.ownerUrl, (query) =>
      query('SELECT version, custody, wrapped IS NULL AS erased FROM envelope ORDER BY custody, version'),
    );
    expect(rows).toEqual([
      { version: 1, custody: 'customer', erased: false },
      { version: 2, custody: 'customer', erased: false },
      { version: 1, custody: 'platform', erased: true },
    ]);
    const admin = operatorIdentities(deployment).get('admin');
    const described = await admin?.send(new DescribeKeyCommand({ KeyId: platformKey }));
    expect(described?.KeyMetadata?.KeyState).toBe('PendingDeletion');
    const scheduled = (await acme.entries()).find(({ type }) => type === 'platform-key-deletion-scheduled');
    expect(scheduled?.body['destroyedAt']).toBe(described?.KeyMetadata?.DeletionDate?.toISOString());
    expect(await deployment.store.auditRows()).toEqual([]);
  });

  test('inv01: no operator identity unwraps any live version, not even from what was erased', async () => {
    const { id: organization } = acme.organization;
    const live = await deployment.store.liveEnvelopes(organization);
    const known = [...wereLive, ...live];
    expect(known.map(({ custody, version }) => `${custody} ${version}`)).toEqual([
      'platform 1',
      'customer 1',
      'customer 2',
    ]);
    const answers: string[] = [];
    for (const [name, client] of operatorIdentities(deployment)) {
      for (const { wrapped, version, keyRef } of known) {
        for (const keyId of [keyRef, platformKey, undefined]) {
          const answer = await triesToUnwrap(client, wrapped, { organization, version }, keyId);
          answers.push(`${name}: ${answer}`);
        }
      }
    }
    expect(answers).toHaveLength(4 * 3 * 3);
    expect(answers.filter((answer) => answer.includes('unwrapped'))).toEqual([]);
    // That the same call opens it while its key lives is what staging did; here the refusals are the key's.
    const own = operatorIdentities(deployment).get('content');
    const [first] = wereLive;
    if (own === undefined || first === undefined) throw new Error('no envelope');
    const refusal = await triesToUnwrap(own, first.wrapped, { organization, version: 1 }, platformKey);
    expect(refusal).toBe('KMSInvalidStateException');
  });

  test('inv11: in the customer’s account we did nothing but take a credential, wrap and unwrap with the one key', () => {
    const ours = acme.cloud.trail().filter((row) => row.ours);
    expect(ours.filter(({ call }) => call === null)).toEqual([]);
    expect(ours.filter(({ call }) => call !== 'credential').length).toBeGreaterThan(10);
    const keys = new Set(ours.flatMap(({ call, key }) => (call === 'credential' ? [] : [key])));
    expect([...keys]).toEqual([acme.customer.key()]);
  });
});
