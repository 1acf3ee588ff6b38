import type { Client } from '@temporalio/client';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { createMessenger } from '../../api/messenger';
import type { OrganizationName } from '../../domain/ids';
import { actorPayloadDigest } from '../../workflows/contract';
import { operationAt } from '../fakes/api/workflows';
import { ACME, type ApiWorld, createApiWorld, NOW } from '../fakes/api/world';

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
  world.store.setOperation(world.acme, operationAt(ACME, 'setup', NOW));
});
afterAll(() => world.close());

const key = 'one-user-action-0001';
const TO = { kind: 'activate', organization: 'acme' as OrganizationName } as const;
const connect = (account: string) =>
  world.request('customer-admin', 'POST', '/v1/organizations/acme/operation/connection', {
    headers: { 'idempotency-key': key },
    json: {
      connection: {
        provider: 'aws-kms',
        region: 'eu-central-1',
        key: `arn:aws:kms:eu-central-1:${account}:key/11111111-2222-4333-8444-555555555555`,
        credential: { kind: 'aws-role', roleArn: `arn:aws:iam::${account}:role/novantra-wrap` },
      },
    },
  });

test('the same message again is answered as before; another under the same key is refused', async () => {
  const first = await connect('111122223333');
  expect(first.status).toBe(202);
  const again = await connect('111122223333');
  expect([again.status, again.body]).toEqual([202, first.body]);
  const other = await connect('444455556666');
  expect(other.status).toBe(422);
  expect(other.body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

test('the actor token names the request it was made for', async () => {
  const [sent] = world.workflows.sent;
  const [, payload = ''] = String(sent?.message['actor']).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string };
  expect([claims.jti, sent?.updateId]).toEqual([key, key]);
});

describe('what Temporal says of a repeated update id that had failed', () => {
  const message = { operationId: 'o', planDigest: 'd' };
  const failing = (payloadDigest: string) => {
    const cause = ApplicationFailure.create({
      type: 'PLAN_EXPIRED',
      message: 'x',
      details: [{ payloadDigest }],
    });
    const executeUpdate = () => Promise.reject(new WorkflowUpdateFailedError('x', cause));
    const client = {
      withDeadline: (_at: number, call: () => Promise<unknown>) => call(),
      workflow: { getHandle: () => ({ executeUpdate }) },
    };
    const messenger = createMessenger(client as unknown as Client, 1_000);
    return messenger.update(TO, 'launchLive', { ...message, actor: 'a.b.c' }, 'key');
  };

  test('of this message: its failure', async () => {
    await expect(failing(actorPayloadDigest(message))).rejects.toMatchObject({ code: 'PLAN_EXPIRED' });
  });
  test('of another: that the key was used', async () => {
    const other = actorPayloadDigest({ ...message, planDigest: 'e' });
    await expect(failing(other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});
