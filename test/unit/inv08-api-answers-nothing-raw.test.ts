import { Writable } from 'node:stream';
import pino from 'pino';
import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { errorFields } from '../../runtime/logging';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

const MARKER = 'rawMarker4711';

/** As SDKs and drivers throw them: words, headers, causes, codes and statuses of their own. */
function raw(): Error {
  const error = new Error(`${MARKER} message`, { cause: new Error(`${MARKER} cause`) });
  return Object.assign(error, {
    stack: `Error: ${MARKER}\n    at ${MARKER} (/srv/${MARKER}.ts:1:1)`,
    statusCode: 418,
    code: MARKER,
    headers: { 'x-marker': MARKER },
    $metadata: { requestId: MARKER },
    detail: MARKER,
    validation: [{ message: MARKER }],
  });
}

let world: ApiWorld;
let log: string;
beforeEach(async () => {
  log = '';
  const sink = new Writable({
    write(chunk, _, done) {
      log += String(chunk);
      done();
    },
  });
  world = await createApiWorld({ logger: pino({ serializers: { err: errorFields } }, sink) });
});
afterEach(() => world.close());

const encrypt = { json: { plaintext: 'aGk=', context: {} } };

test.each<[string, () => Promise<Awaited<ReturnType<ApiWorld['request']>>>]>([
  [
    'the cipher',
    () => {
      world.cipher.failing = raw();
      return world.request('service', 'POST', '/v1/organizations/acme/encrypt', encrypt);
    },
  ],
  [
    'the database',
    () => {
      world.store.broken = raw();
      return world.request('service', 'POST', '/v1/organizations/acme/encrypt', encrypt);
    },
  ],
  [
    'Temporal',
    () => {
      world.workflows.refusing = raw();
      return world.request('support', 'POST', '/v1/organizations/acme/activation');
    },
  ],
])('whatever %s throws, the answer is INTERNAL and the log has no word of it', async (_, ask) => {
  const answer = await ask();
  expect(answer.body).toMatchObject({ status: 500, code: 'INTERNAL', reference: expect.any(String) });
  const whole = `${answer.text} ${JSON.stringify([...answer.headers])} ${log}`;
  expect(whole).not.toContain(MARKER);
  expect(log).toContain('"event":"api.internal"');
});

test('of a provider’s failure only the code and the request id come through', async () => {
  const failure = Object.assign(new ProviderFailure('UNWRAP_DENIED', 'req-1' as RequestId), {
    message: MARKER,
  });
  world.cipher.failing = failure;
  const answer = await world.request('service', 'POST', '/v1/organizations/acme/encrypt', encrypt);
  expect(answer.body).toMatchObject({ providerCode: 'UNWRAP_DENIED', providerRequestId: 'req-1' });
  expect(`${answer.text} ${log}`).not.toContain(MARKER);
});

test('what a sender put into a request isn’t said back', async () => {
  const path = `/v1/organizations/acme/operation/connection?${MARKER}=1`;
  const sent = { [MARKER]: 1, connection: { provider: MARKER, region: MARKER, [MARKER]: MARKER } };
  const headers = { 'idempotency-key': 'key-of-this-action-1', 'x-request-id': MARKER };
  const answer = await world.request('customer-admin', 'POST', path, { json: sent, headers });
  expect(answer.body).toMatchObject({ code: 'INPUT_INVALID' });
  const nowhere = await world.request('customer-admin', 'GET', `/v1/${MARKER}`);
  expect(`${answer.text} ${nowhere.text} ${log}`).not.toContain(MARKER);
});
