import { connect } from 'node:net';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
  await world.client('support').startActivation('acme');
});
afterAll(() => world.close());

const KEYED = { 'idempotency-key': 'key-of-this-action-1' };
const JSON_TYPE = { 'content-type': 'application/json' };
const encrypt = '/v1/organizations/acme/encrypt';
const connection = '/v1/organizations/acme/operation/connection';
const aws = {
  provider: 'aws-kms',
  region: 'eu-central-1',
  key: 'arn:aws:kms:eu-central-1:111122223333:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11',
  credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::111122223333:role/wrap' },
};
const rubbish = Uint8Array.from({ length: 2048 }, (_, i) => (i * 167 + 13) % 256);

const said = async (...request: Parameters<ApiWorld['request']>) => {
  const { body } = await world.request(...request);
  return `${String(body['code'])}: ${String(body['detail'])}`;
};

test('rubbish, oversize, other content types and malformed JSON each say what to mend', async () => {
  expect(await said('service', 'POST', encrypt, { body: rubbish, headers: JSON_TYPE })).toBe(
    'INPUT_INVALID: body: is not JSON',
  );
  expect(
    await said('service', 'POST', encrypt, { body: rubbish, headers: { 'content-type': 'image/png' } }),
  ).toBe('INPUT_INVALID: content-type: must be application/json');
  expect(await said('service', 'POST', encrypt, { body: '{"plaintext": ', headers: JSON_TYPE })).toBe(
    'INPUT_INVALID: body: is not JSON',
  );
  expect(await said('service', 'POST', encrypt, { body: '', headers: JSON_TYPE })).toBe(
    'INPUT_INVALID: body: is empty',
  );
  expect(await said('service', 'POST', encrypt)).toContain('INPUT_INVALID: body: ');
  expect(
    await said('support', 'POST', '/v1/organizations', { json: { name: 'x'.repeat(100_000) } }),
  ).toContain('INPUT_TOO_LARGE');
  expect(await said('support', 'GET', '/v1/nothing')).toContain('no such route');
  expect(await said('support', 'GET', '/v1/organizations/%ff')).toContain('INPUT_INVALID');
  expect(await said('support', 'GET', '/v1/organizations/acme/ledger?from=-1')).toContain(
    'querystring/from: ',
  );
});

test('content: items that aren’t base64, too many, and both forms at once', async () => {
  const item = { plaintext: 'aGk=', context: {} };
  const ask = (json: unknown) => said('service', 'POST', encrypt, { json });
  expect(await ask({ plaintext: 'not base64!', context: {} })).toBe(
    'INPUT_INVALID: body/plaintext: must be base64 with padding',
  );
  expect(await ask({ items: [item, { ...item, plaintext: 'a' }] })).toBe(
    'INPUT_INVALID: body/items/1/plaintext: must be base64 with padding',
  );
  expect(await ask({ items: Array.from({ length: 1001 }, () => item) })).toBe('INPUT_TOO_LARGE: 1001 items');
  expect(await ask({ items: [] })).toContain('INPUT_INVALID: body');
  expect(await ask({ ...item, items: [item] })).toContain('INPUT_INVALID: body: has a member');
  expect(await ask({ plaintext: 'aGk=' })).toContain('INPUT_INVALID: body/context: ');
});

test('8 MiB in 1,000 items go through; a body over the door’s limit doesn’t', async () => {
  const bytes = Buffer.alloc(Math.floor((8 * 1024 * 1024) / 1000), 7);
  const items = Array.from({ length: 1000 }, (_, row) => ({
    plaintext: bytes,
    context: { row: String(row) },
  }));
  const service = world.client('service');
  const ciphertexts = await service.encryptBatch('acme', items);
  const back = await service.decryptBatch(
    'acme',
    ciphertexts.map((ciphertext, row) => ({ ciphertext, context: { row: String(row) } })),
  );
  expect(back).toHaveLength(1000);
  expect(Buffer.from(back[999] ?? []).equals(bytes)).toBe(true);
  const over = { plaintext: Buffer.alloc(11 * 1024 * 1024).toString('base64'), context: {} };
  expect(await said('service', 'POST', encrypt, { json: over })).toContain('INPUT_TOO_LARGE');
});

test.each([
  [
    'another region',
    { ...aws, region: 'eu-nowhere-1' },
    'body/connection/region: is not an AWS region we know',
  ],
  ['no ARN', { ...aws, key: 'my key' }, 'body/connection/key: must be a full key ARN'],
  [
    'a multi-Region key',
    { ...aws, key: `arn:aws:kms:eu-central-1:111122223333:key/mrk-${'0'.repeat(32)}` },
    'body/connection/key: is a multi-Region key',
  ],
  [
    'a surplus member',
    { ...aws, endpoint: 'http://10.0.0.7' },
    'body/connection: has a member that isn’t part',
  ],
])('a connection with %s names the field and changes nothing', async (_, input, words) => {
  const before = world.workflows.sent.length;
  const detail = await said('customer-admin', 'POST', connection, {
    json: { connection: input },
    headers: KEYED,
  });
  expect(detail).toContain(`INPUT_INVALID: ${words}`);
  expect(detail).not.toMatch(/my key|eu-nowhere|10\.0\.0\.7|endpoint/);
  expect(world.workflows.sent).toHaveLength(before);
});

test('a message without an idempotency key is refused', async () => {
  expect(await said('customer-admin', 'POST', connection, { json: { connection: aws } })).toContain(
    'INPUT_INVALID: headers/idempotency-key: ',
  );
});

test('what isn’t HTTP gets a problem too, and one log event', async () => {
  const before = world.log.length;
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1', () => socket.write(rubbish));
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toContain('HTTP/1.1 400');
  expect(answer).toContain('application/problem+json');
  expect(answer).toContain('"code":"INPUT_INVALID"');
  expect(world.log.slice(before)).toHaveLength(1);
});
