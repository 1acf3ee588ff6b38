import { Client, Connection } from '@temporalio/client';
import { createMessenger } from '../../api/messenger';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

/** Nobody listens there: port 1 is reserved, and refuses at once. */
const absent = Connection.lazy({ address: '127.0.0.1:1' });

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld({ messenger: createMessenger(new Client({ connection: absent }), 300) });
});
afterAll(async () => {
  await world.close();
  await absent.close();
});

test('with no Temporal at all, encrypt and decrypt work, and say nothing of it', async () => {
  const service = world.client('service');
  const ciphertext = await service.encrypt('acme', Buffer.from('record'), { row: '1' });
  expect(Buffer.from(await service.decrypt('acme', ciphertext, { row: '1' })).toString()).toBe('record');
  const batch = await service.encryptBatch('acme', [{ plaintext: Buffer.from('a'), context: {} }]);
  const [back] = await service.decryptBatch(
    'acme',
    batch.map((item) => ({ ciphertext: item, context: {} })),
  );
  expect(Buffer.from(back ?? []).toString()).toBe('a');
});

test('status, ledger and evidence are answered from the database', async () => {
  const auditor = world.client('customer-auditor');
  expect((await auditor.status('acme')).ledgerSize).toBe(1);
  expect((await auditor.ledger('acme')).entries).toHaveLength(1);
  expect(Object.keys((await auditor.evidence('acme')).files)).toContain('entries.jsonl');
});

test('it is ready, and says degraded', async () => {
  await expect(world.client('support').ready()).resolves.toEqual({
    status: 'degraded',
    parts: { database: 'ok', signer: 'ok', temporal: 'unreachable', ledgers: 'ok' },
  });
});

test('a message is answered NO_WORKER within the deadline, and changes nothing', async () => {
  const answer = await world.request('support', 'POST', '/v1/organizations/acme/activation');
  expect(answer.body).toMatchObject({ code: 'NO_WORKER', status: 503 });
});
