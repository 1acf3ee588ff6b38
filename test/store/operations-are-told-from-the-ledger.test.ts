import type { NoticeDeps, OwnRecipient } from '../../activities';
import { noticeAudience } from '../../activities/notify/audience';
import { deliverNotice } from '../../activities/notify/deliver';
import type { Mail } from '../../domain/mail';
import type { OperationNotice } from '../../domain/notice';
import { fakeAuthority } from '../fakes/authority';
import { ConnectionChange } from './support/connection-change';
import { active, Offboarding } from './support/offboarding';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import type { Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const KEY = 'arn:aws:kms:eu-west-1:222222222222:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c77';
const changeOf = (story: Story) =>
  new ConnectionChange(story, { ...story.input, key: KEY } as typeof story.input);
const factsOf = ({ operation }: Story) => opened.store.operationFacts(operation.id);
const toTell = async ({ name }: Story) =>
  (await opened.store.operationsToTell()).filter(({ organization }) => organization === name);

test('an offboarding: who asked, since when; ended once its former envelopes are gone, and not before', async () => {
  const story = await active(opened.store);
  const offboarding = new Offboarding(story);
  await offboarding.staged();
  expect(await factsOf(story)).toMatchObject({
    ...{ kind: 'offboard', startedBy: 'support', end: null },
    organization: { id: story.organization, name: story.name },
  });
  await offboarding.switch();
  expect(await factsOf(story)).toMatchObject({ end: null });
  expect(await toTell(story)).toMatchObject([{ id: story.operation.id, isEnded: false }]);
  const { index } = await offboarding.erase();
  expect(await factsOf(story)).toMatchObject({ end: { outcome: 'completed', reason: null, index } });
  expect(await toTell(story)).toMatchObject([{ isEnded: true }]);
});

test('a change that is cancelled ends as that; an activation isn’t told of', async () => {
  const story = await active(opened.store);
  expect(await factsOf(story)).toBeNull();
  expect(await toTell(story)).toEqual([]);
  await changeOf(story).claim();
  expect(await factsOf(story)).toMatchObject({ kind: 'change-connection', startedBy: 'support', end: null });
  await story.cancel('entitlement');
  expect(await factsOf(story)).toMatchObject({ end: { outcome: 'cancelled', reason: null } });
});

test('the ledger’s word counts, and what ended long ago isn’t looked at any more', async () => {
  const story = await active(opened.store);
  await changeOf(story).claim();
  await story.cancel('entitlement');
  const set = (text: string) =>
    opened.sql(`UPDATE operation SET ${text} WHERE id = $1`, [story.operation.id]);
  await set(`outcome = 'completed'`);
  expect(await factsOf(story)).toMatchObject({ end: { outcome: 'cancelled' } });
  await set(`stage_since = now() - interval '8 days'`);
  expect(await toTell(story)).toEqual([]);
});

test('whoever can write rows writes no sentence into what is told', async () => {
  const story = await active(opened.store);
  await changeOf(story).claim();
  await story.cancel('entitlement');
  const forge = async (type: string, from: string, to: string) => {
    await opened.sql('ALTER TABLE ledger_entry DISABLE TRIGGER USER');
    await opened.sql(
      'UPDATE ledger_entry SET entry = replace(entry, $3, $4) WHERE operation_id = $1 AND type = $2',
      [story.operation.id, type, from, to],
    );
    await opened.sql('ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER append_only');
  };
  await forge('operation-closed', '"outcome":"cancelled"', '"outcome":"done. Call +49 1","reason":"at once"');
  expect(await factsOf(story)).toMatchObject({ end: { outcome: 'abandoned', reason: null } });
  await forge('operation-opened', '"kind":"support"', '"kind":"your bank"');
  expect(await factsOf(story)).toBeNull();
});

test('those who are to hear it do, once each; their entries say of what; a beginning that is past is told to nobody', async () => {
  const story = await active(opened.store);
  await changeOf(story).claim();
  const mails: Mail[] = [];
  const own: OwnRecipient[] = [
    { channel: 'mail', id: 'desk', hears: 'all', address: 'desk@novantra.example' },
    { channel: 'mail', id: 'platform', hears: 'ours', address: 'platform@novantra.example' },
  ];
  const notices: NoticeDeps = {
    ...{ deployment: DEPLOYMENT, records: opened.store, own },
    couriers: {
      post: async () => ({ verdict: 'accepted', statusClass: 2 }),
      mail: async (mail) => {
        mails.push(mail);
        return { verdict: 'accepted', statusClass: 2 };
      },
    },
    endpointSecret: () => '',
    statusUrl: (name) => `https://smsk.test/${name}`,
  };
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const deps = { store: opened.store, authority: fakeAuthority, logger: quiet, notices };
  const tell = async (notice: OperationNotice) => {
    for (const recipient of (await noticeAudience(deps, notice)).recipients)
      await deliverNotice(deps, { notice, recipient });
  };
  const { name: organization, operation } = story;
  const started: OperationNotice = { kind: 'operation-started', organization, operation: operation.id };
  const ended: OperationNotice = { ...started, kind: 'operation-ended' };
  await expect(tell(ended)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await tell(started);
  await tell(started);
  expect(mails.map(({ to }) => to).sort()).toEqual(['ada@example.com', 'desk@novantra.example']);
  await story.cancel('entitlement');
  await tell(ended);
  await tell(ended);
  expect(mails).toHaveLength(4);
  expect(new Set(mails.map(({ id }) => id)).size).toBe(4);
  const lines = (await opened.store.ledgerLines(story.organization, 0, 1_000)).map(
    ({ entry }) => JSON.parse(entry) as { type: string; body: Record<string, unknown> },
  );
  expect(lines.filter(({ type }) => type === 'notice-delivered').map(({ body }) => body)).toEqual(
    [started, started, ended, ended].map(({ kind }) =>
      expect.objectContaining({ kind, operation: operation.id, channel: 'mail', statusClass: 2 }),
    ),
  );
  await changeOf(story).claim('change-2');
  await story.cancel('entitlement');
  await tell({ ...started, operation: story.operation.id });
  expect(mails).toHaveLength(4);
  expect(await opened.store.auditRows(story.organization)).toEqual([]);
});

test('another organization’s operation is told to nobody', async () => {
  const [story, other] = [await active(opened.store), await active(opened.store)];
  await changeOf(story).claim();
  const notices = { deployment: DEPLOYMENT, records: opened.store, statusUrl: () => '' };
  const notice = {
    kind: 'operation-started',
    organization: other.name,
    operation: story.operation.id,
  } as const;
  await expect(noticeAudience({ notices } as never, notice)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
