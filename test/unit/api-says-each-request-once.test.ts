import { connect } from 'node:net';
import { WorkspaceUnavailable } from '../../cipher';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

let world: ApiWorld;
beforeEach(async () => {
  world = await createApiWorld();
});
afterEach(() => world.close());

const events = () => world.log.filter(({ event }) => event === 'api.request');
const encrypt = '/v1/organizations/acme/encrypt';

test('one log event per request, whatever its end, and nothing of its content', async () => {
  const secret = 'c2VjcmV0LXBsYWludGV4dA==';
  const json = { plaintext: secret, context: { patient: 'p-4711' } };
  await world.request('service', 'POST', encrypt, { json });
  await world.request('support', 'POST', encrypt, { json });
  await world.request(null, 'POST', encrypt, { json });
  await world.request('service', 'POST', encrypt, {
    body: '{',
    headers: { 'content-type': 'application/json' },
  });
  await world.request('service', 'GET', '/v1/nowhere');
  world.cipher.failing = new WorkspaceUnavailable('KEY_DISABLED', null);
  await world.request('service', 'POST', encrypt, { json });
  world.store.broken = new Error('boom');
  await world.request('service', 'POST', encrypt, { json });
  expect(events().map(({ code, providerCode, organization }) => [code, providerCode, organization])).toEqual([
    ['OK', null, 'acme'],
    ['FORBIDDEN', null, null],
    ['UNAUTHENTICATED', null, null],
    ['INPUT_INVALID', null, 'acme'],
    ['INPUT_INVALID', null, null],
    ['WORKSPACE_UNAVAILABLE', 'KEY_DISABLED', 'acme'],
    ['INTERNAL', null, null],
  ]);
  const text = JSON.stringify(world.log);
  expect(text).not.toMatch(/c2VjcmV0|p-4711|service-token|boom/);
  const { values } = await world.metrics.refusals.get();
  expect(Object.fromEntries(values.map(({ labels, value }) => [labels.code, value]))).toMatchObject({
    FORBIDDEN: 1,
    UNAUTHENTICATED: 1,
    WORKSPACE_UNAVAILABLE: 1,
  });
});

test('a client that hangs up is said as well', async () => {
  const entered = new Promise<void>((resolve) => {
    world.cipher.encrypt = () => {
      resolve();
      return new Promise<Buffer>(() => undefined);
    };
  });
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1', () => {
    const body = JSON.stringify({ plaintext: '', context: {} });
    socket.write(
      `POST ${encrypt} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer service-token-0123456789\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
  await entered;
  const said = new Promise<void>((resolve) => {
    world.app.server.once('close', resolve);
    socket.once('close', () => setImmediate(resolve));
  });
  socket.destroy();
  await said;
  while (events().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(events()).toEqual([
    expect.objectContaining({ code: 'ABANDONED', status: null, organization: 'acme' }),
  ]);
});

test('health and scrapes are quiet, and unauthenticated', async () => {
  expect((await world.request(null, 'GET', '/healthz')).body).toEqual({ status: 'alive' });
  expect((await world.request(null, 'GET', '/readyz')).body).toMatchObject({ status: 'ready' });
  const metrics = await world.request(null, 'GET', '/metrics');
  for (const name of [
    'smsk_provider_calls_total',
    'smsk_refusals_total',
    'smsk_unwrap_seconds',
    'smsk_group_operations',
    'smsk_operations_total',
  ])
    expect(metrics.text).toContain(name);
  expect(events()).toEqual([]);
});

test('draining: what is in flight is finished, what comes is told to go elsewhere', async () => {
  let finish: (ciphertext: Buffer) => void = () => undefined;
  const entered = new Promise<void>((resolve) => {
    world.cipher.encrypt = () => {
      resolve();
      return new Promise<Buffer>((settle) => {
        finish = settle;
      });
    };
  });
  const inFlight = world.request('service', 'POST', encrypt, { json: { plaintext: '', context: {} } });
  await entered;
  // Keeps a connection that was opened before: the listener itself is closed.
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const answered = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.once('close', () => resolve(text));
  });
  socket.write('GET /v1/organizations HTTP/1.1\r\n');
  while ((await connectionsOf(world)) < 2) await new Promise((resolve) => setImmediate(resolve));
  const closing = world.app.close();
  while (world.app.server.listening) await new Promise((resolve) => setImmediate(resolve));
  socket.write('Host: x\r\n\r\n');
  expect(await answered).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"NOT_READY"/);
  finish(Buffer.from('done'));
  expect((await inFlight).status).toBe(200);
  await closing;
});

const connectionsOf = ({ app }: ApiWorld): Promise<number> =>
  new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)));
