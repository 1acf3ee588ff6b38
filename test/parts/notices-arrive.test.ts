import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { noticeAudience } from '../../activities/notify/audience';
import { deliverNotice, recordUndelivered } from '../../activities/notify/deliver';
import type { NoticeDeps, OwnRecipient } from '../../activities/notify/deps';
import { createMailNotifier } from '../../activities/notify/mail-notifier';
import { logSecurityEvent } from '../../activities/notify/security-event';
import type { TellingDeps } from '../../activities/notify/told';
import { Undelivered } from '../../domain/failure';
import type { EndpointId, IncidentId, Instant, OperationId } from '../../domain/ids';
import type { IncidentNotice } from '../../domain/notice';
import type { Reminder } from '../../domain/ports/notifier';
import { endpointSecret } from '../../domain/webhook';
import { createMailer } from '../../providers/notify/smtp';
import { createWebhooks, type Webhooks } from '../../providers/notify/webhooks';
import { fakeAuthority } from '../fakes/authority';
import {
  MAIL_PASSWORD,
  MAIL_RUBBISH,
  MAIL_USER,
  type MailServer,
  openMailServer,
} from '../fakes/mail-server';
import { WEBHOOK_KEY } from '../fakes/notices';
import { openReceiver, type Receiver, RUBBISH } from '../fakes/webhook-receiver';
import { answerLost, lostBefore } from '../store/support/faults';
import { DEPLOYMENT, type Opened, openStore } from '../store/support/opened';
import { Story } from '../store/support/story';

const HOST = 'siem.acme.example';
const OWN_HOST = 'hooks.novantra.example';
const OWN_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

let opened: Opened;
let receiver: Receiver;
let relay: MailServer;
let webhooks: Webhooks;
const logged: object[] = [];
beforeAll(async () => {
  [opened, receiver, relay] = await Promise.all([
    openStore(),
    openReceiver(HOST, OWN_HOST),
    openMailServer(),
  ]);
  webhooks = createWebhooks({ port: receiver.port, ca: receiver.ca }, undefined, 1_500);
});
afterAll(async () => {
  webhooks.close();
  await Promise.all([opened.close(), receiver.close(), relay.close()]);
});

let story: Story;
let endpoint: EndpointId;
let notice: IncidentNotice;
/** An organization in handoff with a contact and an endpoint, whose key is refused. */
beforeEach(async () => {
  for (const list of [receiver.received, receiver.answers, relay.taken, relay.replies, logged])
    list.length = 0;
  story = await Story.at(opened.store, 'handoff');
  await story.handOff();
  endpoint = randomUUID() as EndpointId;
  const url = `https://${HOST}/smsk?org=acme`;
  await opened.store.commit(story.unfenced({ type: 'endpoint-registered', endpoint, url }));
  await opened.store.refused(story.organization, 'KEY_DISABLED', null);
  const [row] = await opened.sql<{ id: string }>('SELECT id FROM incident WHERE organization_id = $1', [
    story.organization,
  ]);
  notice = { kind: 'incident-opened', organization: story.name, incident: (row?.id ?? '') as IncidentId };
});

function depsOf({ own = [], store = opened.store }: { own?: OwnRecipient[]; store?: Opened['store'] } = {}) {
  const ca = relay.ca;
  const notices: NoticeDeps = {
    ...{ deployment: DEPLOYMENT, records: store, own },
    couriers: {
      post: webhooks.post,
      mail: createMailer({
        ...{ host: 'localhost', port: relay.port, tls: 'starttls', user: MAIL_USER, ca },
        ...{ password: () => MAIL_PASSWORD, from: 'smsk@novantra.example' },
      }),
    },
    endpointSecret: (organization, id) => endpointSecret(WEBHOOK_KEY, organization, id),
    statusUrl: (name) => `https://smsk.novantra.test/v1/organizations/${name}/status`,
  };
  const log = (fields: object) => void logged.push(fields);
  const logger = { info: log, warn: log, error: log };
  return { store, authority: fakeAuthority, logger, notices } satisfies TellingDeps;
}

/** As the workflow does it, without its waits. */
async function tell(deps: TellingDeps, told = notice): Promise<void> {
  const { recipients } = await noticeAudience(deps, told);
  for (const recipient of recipients) {
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const end = await deliverNotice(deps, { notice: told, recipient }).then(
        () => 'done',
        (error: unknown) => error,
      );
      if (end === 'done') break;
      if (!(end instanceof Undelivered)) throw end;
      if (attempt === 4) await recordUndelivered(deps, { notice: told, recipient });
    }
  }
}

const entries = async () =>
  (await opened.store.ledgerLines(story.organization, 0, 1_000))
    .map(({ entry }) => JSON.parse(entry) as { type: string; body: Record<string, unknown> })
    .filter(({ type }) => type.startsWith('notice-'))
    .map(({ type, body }) => `${type} ${body['channel']} ${body['statusClass']}`);
const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);

test('contacts by mail, endpoints by signed webhook, ourselves by both; each once, however often it is told', async () => {
  const own: OwnRecipient[] = [
    { channel: 'mail', id: 'on-call', hears: 'all', address: 'ops@novantra.example' },
    { channel: 'webhook', id: 'siem', hears: 'all', url: `https://${OWN_HOST}/`, secret: () => OWN_SECRET },
  ];
  await tell(depsOf({ own }));
  await tell(depsOf({ own }));
  expect(relay.taken.map(({ to }) => to).sort()).toEqual([['ada@example.com'], ['ops@novantra.example']]);
  expect(receiver.received.map(({ host, path }) => host + path).sort()).toEqual([
    `${OWN_HOST}/`,
    `${HOST}/smsk?org=acme`,
  ]);
  const secrets = new Map([
    [HOST, endpointSecret(WEBHOOK_KEY, story.organization, endpoint)],
    [OWN_HOST, OWN_SECRET],
  ]);
  for (const { host, headers, body } of receiver.received) {
    const said = new Webhook(secrets.get(host) ?? '').verify(body, headers as Record<string, string>);
    expect(said).toMatchObject({
      type: 'incident.opened',
      data: { organization: { name: story.name }, code: 'KEY_DISABLED', ocsf: { class_uid: 2004 } },
    });
  }
  expect((await entries()).sort()).toEqual([
    ...Array(2).fill('notice-delivered mail 2'),
    ...Array(2).fill('notice-delivered webhook 2'),
  ]);
});

test.each([[500], [503], [429], [301], ['hangs'], ['breaks']] as const)(
  'after %s it is sent again, as the same message',
  async (answer) => {
    receiver.answers.push(answer, answer);
    await tell(depsOf());
    expect(ids()).toHaveLength(3);
    expect(new Set(ids()).size).toBe(1);
    expect(await entries()).toContain('notice-delivered webhook 2');
  },
);

test('a receiver that is down is asked again once it’s up', async () => {
  await receiver.stop();
  const deps = depsOf();
  const { recipients } = await noticeAudience(deps, notice);
  const [recipient] = recipients.filter(({ channel }) => channel === 'webhook');
  if (recipient === undefined) throw new Error('nobody');
  await expect(deliverNotice(deps, { notice, recipient })).rejects.toMatchObject({
    ...{ name: 'Undelivered', statusClass: null },
  });
  await receiver.start();
  await deliverNotice(deps, { notice, recipient });
  expect(ids()).toHaveLength(1);
  expect(await entries()).toEqual(['notice-delivered webhook 2']);
});

test('a receiver that never takes it is on record as not told; its neighbours are told', async () => {
  receiver.answers.push(500, 500, 500, 500);
  await tell(depsOf());
  expect((await entries()).sort()).toEqual(['notice-delivered mail 2', 'notice-failed webhook null']);
  await tell(depsOf());
  expect(ids()).toHaveLength(4);
});

test('an address that a relay doesn’t know is given up at once; greylisting is not', async () => {
  relay.replies.push({ at: 'recipient', code: 451 }, { at: 'recipient', code: 550 });
  await tell(depsOf());
  expect(relay.taken).toEqual([]);
  expect((await entries()).sort()).toEqual(['notice-delivered webhook 2', 'notice-failed mail 5']);
});

test.each([
  ['lost before', lostBefore, 2],
  ['done, and the answer lost', answerLost, 1],
] as const)(
  'a crash between sending and recording (%s): at most once more, same id, one entry',
  async (_, fault, sent) => {
    const broken = opened.another(fault());
    const [recipient] = (await noticeAudience(depsOf(), notice)).recipients.filter(
      ({ channel }) => channel === 'webhook',
    );
    if (recipient === undefined) throw new Error('nobody');
    await expect(deliverNotice(depsOf({ store: broken }), { notice, recipient })).rejects.toThrow();
    await deliverNotice(depsOf(), { notice, recipient });
    expect(ids()).toHaveLength(sent);
    expect(new Set(ids()).size).toBe(1);
    expect(await entries()).toEqual(['notice-delivered webhook 2']);
  },
);

test('two workers at once: one entry, one id', async () => {
  const { recipients } = await noticeAudience(depsOf(), notice);
  const telling = recipients.flatMap((recipient) => [
    deliverNotice(depsOf(), { notice, recipient }),
    deliverNotice(depsOf({ store: opened.another() }), { notice, recipient }),
  ]);
  await Promise.all(telling);
  expect(new Set(ids()).size).toBe(1);
  expect((await entries()).sort()).toEqual(['notice-delivered mail 2', 'notice-delivered webhook 2']);
});

test('an endpoint that was removed before its turn hears nothing', async () => {
  const { recipients } = await noticeAudience(depsOf(), notice);
  await opened.store.commit(story.unfenced({ type: 'endpoint-removed', endpoint }));
  for (const recipient of recipients) await deliverNotice(depsOf(), { notice, recipient });
  expect(ids()).toEqual([]);
  expect((await entries()).sort()).toEqual(['notice-delivered mail 2', 'notice-failed webhook null']);
});

test('another organization’s incident is told to nobody', async () => {
  const other = await Story.created(opened.store);
  const foreign = { ...notice, organization: other.name };
  await expect(noticeAudience(depsOf(), foreign)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(logSecurityEvent(depsOf(), foreign)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test('reminders go by mail, and wait for no relay', async () => {
  const deps = depsOf({ own: [{ channel: 'mail', id: 'x', hears: 'all', address: 'ops@novantra.example' }] });
  const notifier = createMailNotifier(deps);
  const reminder: Reminder = {
    ...{ organization: story.name, operationId: story.operation.id as OperationId, stage: 'setup', days: 3 },
    ...{ who: 'customer-admin', what: 'enter the provider', endsAt: null },
    since: '2026-03-01T10:00:00.000Z' as Instant,
  };
  await notifier.remind(reminder);
  expect(relay.taken.map(({ to }) => to).sort()).toEqual([['ada@example.com'], ['ops@novantra.example']]);
  relay.taken.length = 0;
  relay.replies.push({ at: 'sign-in', code: 454 });
  await notifier.remind({ ...reminder, who: 'support' });
  expect(relay.taken).toEqual([]);
  expect(logged).toContainEqual(expect.objectContaining({ event: 'reminder.undelivered', statusClass: 4 }));
});

test('inv08: nothing that a receiver or relay says, and no secret, is kept or told', async () => {
  receiver.answers.push(500, 301, 403, 410);
  relay.replies.push({ at: 'recipient', code: 451 }, { at: 'message', code: 554 });
  const own: OwnRecipient[] = [
    { channel: 'webhook', id: 'siem', hears: 'all', url: `https://${OWN_HOST}/`, secret: () => OWN_SECRET },
  ];
  const errors: unknown[] = [];
  const deps = depsOf({ own });
  await logSecurityEvent(deps, notice);
  for (let round = 0; round < 5; round += 1)
    for (const recipient of (await noticeAudience(deps, notice)).recipients)
      await deliverNotice(deps, { notice, recipient }).catch((error: unknown) => errors.push(error));
  expect(errors.length).toBeGreaterThan(2);
  const rows = await opened.sql<{ text: string }>(
    `SELECT coalesce(string_agg(entry, ''), '') || (SELECT string_agg(e::text, '') FROM notice_endpoint e) AS text
     FROM ledger_entry WHERE organization_id = $1`,
    [story.organization],
  );
  const secret = endpointSecret(WEBHOOK_KEY, story.organization, endpoint);
  const kept = [
    ...[JSON.stringify(logged), rows[0]?.text ?? ''],
    ...errors.map(
      (error) => `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)}`,
    ),
  ].join('\n');
  const told = [
    ...receiver.received.map(({ headers, body }) => JSON.stringify(headers) + body),
    ...relay.taken.map(({ raw }) => raw),
  ];
  for (const never of [
    RUBBISH,
    MAIL_RUBBISH,
    'AKIAIOSFODNN7EXAMPLE',
    secret,
    OWN_SECRET,
    'whsec_',
    MAIL_PASSWORD,
  ]) {
    expect(kept).not.toContain(never);
    expect(told.join('\n')).not.toContain(never);
  }
  // Addresses stay where they are looked up: in no log, error or entry of a telling.
  expect(JSON.stringify(logged)).not.toMatch(/ada@example|siem\.acme/);
});
