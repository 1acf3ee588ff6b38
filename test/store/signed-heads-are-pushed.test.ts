import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { SYSTEM } from '../../domain/actor';
import type { EndpointId } from '../../domain/ids';
import { endpointSecret } from '../../domain/webhook';
import { nodeSuite } from '../../ledger/node/suite';
import { verifyNote } from '../../ledger/verify/note';
import { parseVkey } from '../../ledger/verify/vkey';
import { auditing, MASTER } from './support/audit';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
let audit: Awaited<ReturnType<typeof auditing>>;
let story: Story;
const endpoint = randomUUID() as EndpointId;

const register = (id: EndpointId, url: string) =>
  opened.store.commit({
    idempotencyKey: `endpoint/${id}`,
    actor: SYSTEM,
    fence: null,
    organization: story.organization,
    change: { type: 'endpoint-registered', endpoint: id, url },
  });

beforeEach(async () => {
  opened = await openStore();
  audit = await auditing(opened);
  story = await Story.at(opened.store, 'setup');
});
afterEach(async () => {
  audit.remove();
  await opened.close();
});

/** As if the last push had been that long ago. */
const longAgo = () => opened.sql(`UPDATE checkpoint_push SET pushed_at = pushed_at - interval '2 hours'`);
const body = (nth: number) => JSON.parse(audit.posted[nth]?.body ?? 'null');

test('the newest head goes to each endpoint, signed by our signer and, as a webhook, by us', async () => {
  await register(endpoint, 'https://hooks.acme.example/smsk');
  await audit.run();
  expect(audit.posted).toHaveLength(1);
  const [call] = audit.posted;
  if (call === undefined) throw new Error('nothing was posted');
  expect(call.url).toBe('https://hooks.acme.example/smsk');
  const secret = endpointSecret(MASTER, story.organization, endpoint);
  expect(new Webhook(secret).verify(call.body, { ...call.headers })).toEqual(body(0));
  const { type, data } = body(0);
  expect(type).toBe('checkpoint.signed');
  const latest = await opened.store.latestCheckpoint(story.organization);
  expect(data).toMatchObject({ organization: { id: story.organization }, size: latest?.size });
  expect(data.checkpoint).toBe(latest?.note);
  const key = parseVkey(nodeSuite, (await opened.signer.keys()).checkpointVkey);
  if (key === undefined) throw new Error('no key');
  expect(await verifyNote(nodeSuite, data.checkpoint, [key])).toBeDefined();
});

test('a push leaves no entry, so a ledger at rest is pushed once', async () => {
  await register(endpoint, 'https://hooks.acme.example/smsk');
  const { size } = await opened.store.ledgerHead(story.organization);
  await audit.run();
  await longAgo();
  await audit.run();
  expect(audit.posted).toHaveLength(1);
  expect((await opened.store.ledgerHead(story.organization)).size).toBe(size);
});

test('a newer head follows, an hour later at the soonest', async () => {
  await register(endpoint, 'https://hooks.acme.example/smsk');
  await audit.run();
  await register(randomUUID() as EndpointId, 'https://other.acme.example/smsk');
  await audit.run();
  // The new endpoint only.
  expect(audit.posted.map(({ url }) => new URL(url).host)).toEqual([
    'hooks.acme.example',
    'other.acme.example',
  ]);
  await longAgo();
  await audit.run();
  expect(audit.posted.filter(({ url }) => url.startsWith('https://hooks.'))).toHaveLength(2);
  expect(body(2).data.size).toBeGreaterThan(body(0).data.size);
});

test('what isn’t taken is sent again under the same id; what is refused for good waits for the next head', async () => {
  await register(endpoint, 'https://hooks.acme.example/smsk');
  audit.receiver.verdict = 'later';
  await audit.run();
  await audit.run();
  expect(audit.posted).toHaveLength(2);
  expect(new Set(audit.posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  audit.receiver.verdict = 'refused';
  await audit.run();
  await longAgo();
  await audit.run();
  expect(audit.posted).toHaveLength(3);
});

test('nothing is sent of a ledger that isn’t as it was signed', async () => {
  await register(endpoint, 'https://hooks.acme.example/smsk');
  await opened.store.publishCheckpoint(story.organization);
  await opened.sql(`ALTER TABLE ledger_entry DISABLE TRIGGER ALL`);
  await opened.sql(`UPDATE ledger_entry SET entry = entry || ' ' WHERE index = 0`);
  expect((await audit.run()).found).not.toEqual([]);
  expect(audit.posted).toEqual([]);
});

test('an endpoint that was removed is sent nothing', async () => {
  await register(endpoint, 'https://hooks.acme.example/smsk');
  await opened.store.commit({
    idempotencyKey: 'removal',
    actor: SYSTEM,
    fence: null,
    organization: story.organization,
    change: { type: 'endpoint-removed', endpoint },
  });
  await audit.run();
  expect(audit.posted).toEqual([]);
});
