import { randomUUID } from 'node:crypto';
import { SYSTEM } from '../../domain/actor';
import type { ApproverKey } from '../../domain/approval';
import type { ChangeOf } from '../../domain/change';
import { type EndpointId, type IncidentId, instantOf, type RecipientId } from '../../domain/ids';
import type { NoticeChange } from '../../domain/notice-change';
import { tellingKey } from '../../domain/recipient';
import { answerLost, lostBefore } from './support/faults';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const APPROVER: ApproverKey = {
  credentialId: 'a'.repeat(43),
  publicJwk: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
  role: 'customer-admin',
  enrolledAt: instantOf(1_700_000_000_000),
  removedAt: null,
};
const URL_OF = 'https://siem.acme.example/smsk';
const HOURS = 3_600_000;

async function begun(): Promise<Story> {
  const story = await Story.at(opened.store, 'handoff');
  const by = { kind: 'order', orderRef: 'PO-1' } as const;
  await story.store.commit(story.unfenced({ type: 'approver-enrolled', key: APPROVER, by }));
  return story;
}
const commit = (story: Story, change: NoticeChange) => story.store.commit(story.unfenced(change));
/** What it was refused with. */
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'committed',
    ({ code }: { code?: unknown }) => String(code),
  );
const endpoint = (url = URL_OF): ChangeOf<'endpoint-registered'> => ({
  ...{ type: 'endpoint-registered', endpoint: randomUUID() as EndpointId, url },
});
const window = (nonce: string): ChangeOf<'maintenance-declared'> => ({
  ...{ type: 'maintenance-declared', nonce, credentialId: APPROVER.credentialId, reason: 'moving it' },
  ...{ from: instantOf(Date.now()), until: instantOf(Date.now() + HOURS), jws: `a.${nonce}.b` },
});
const cancellation = (
  cancels: string,
  nonce = `${cancels}-cancelled`,
): ChangeOf<'maintenance-cancelled'> => ({
  ...{
    type: 'maintenance-cancelled',
    nonce,
    cancels,
    credentialId: APPROVER.credentialId,
    jws: `a.${nonce}.b`,
  },
});
const lines = async (story: Story) =>
  (await opened.store.ledgerLines(story.organization, 0, 1_000)).map(({ entry }) => entry).join('\n');

test('an endpoint is one while it is registered; the ledger has its address by digest', async () => {
  const story = await begun();
  const change = endpoint();
  await commit(story, change);
  expect(await opened.store.noticeEndpoints(story.organization)).toMatchObject([
    { endpoint: change.endpoint, url: URL_OF },
  ]);
  expect(await lines(story)).not.toContain('siem.acme.example');
  await commit(story, { type: 'endpoint-removed', endpoint: change.endpoint });
  expect(await opened.store.noticeEndpoints(story.organization)).toEqual([]);
  const again = commit(story, { type: 'endpoint-removed', endpoint: change.endpoint });
  expect(await codeOf(again)).toBe('ENDPOINT_UNKNOWN');
  expect(await opened.store.auditRows()).toEqual([]);
});

test('there are at most ten at a time, and none of another organization’s', async () => {
  const [story, other] = [await begun(), await begun()];
  const ten = Array.from({ length: 10 }, () => endpoint());
  for (const change of ten) await commit(story, change);
  expect(await codeOf(commit(story, endpoint()))).toBe('INPUT_INVALID');
  const [first] = ten;
  if (first !== undefined) {
    const foreign = commit(other, { type: 'endpoint-removed', endpoint: first.endpoint });
    expect(await codeOf(foreign)).toBe('ENDPOINT_UNKNOWN');
    await commit(story, { type: 'endpoint-removed', endpoint: first.endpoint });
  }
  await commit(story, endpoint());
  expect(await opened.store.noticeEndpoints(story.organization)).toHaveLength(10);
  expect(await opened.store.noticeEndpoints(other.organization)).toEqual([]);
});

test('contacts are those of the last handoff who are called in an incident', async () => {
  const story = await Story.at(opened.store, 'handoff');
  expect(await opened.store.incidentContacts(story.organization)).toEqual([]);
  const contacts = (['key-owner', 'escalation', 'security'] as const).map((duty) => ({
    ...{ name: 'Jo', email: `${duty}@acme.example`, duty },
  }));
  const { index } = await story.step(
    { type: 'handoff-recorded', contacts, runbook: [] },
    'handoff',
    'closed',
    { closing: { outcome: 'completed', reason: null } },
  );
  expect(await opened.store.incidentContacts(story.organization)).toEqual([
    { handoff: index, nth: 1, email: 'escalation@acme.example' },
    { handoff: index, nth: 2, email: 'security@acme.example' },
  ]);
});

test('a window is declared once, cancelled once, by a key that counts', async () => {
  const story = await begun();
  const nonce = 'n'.repeat(22);
  await commit(story, window(nonce));
  expect(await codeOf(commit(story, window(nonce)))).toBe('APPROVAL_REPLAYED');
  expect(await opened.store.maintenanceWindows(story.organization)).toMatchObject([
    { nonce, reason: 'moving it', cancelledAt: null },
  ]);
  expect(await codeOf(commit(story, cancellation('unknown'.padEnd(22, 'x'))))).toBe('MAINTENANCE_UNKNOWN');
  expect(await codeOf(commit(story, cancellation(nonce, nonce)))).toBe('APPROVAL_REPLAYED');
  await commit(story, cancellation(nonce));
  expect(await codeOf(commit(story, cancellation(nonce, 'o'.repeat(22))))).toBe('MAINTENANCE_UNKNOWN');
  const [shown] = await opened.store.maintenanceWindows(story.organization);
  expect(shown?.cancelledAt).not.toBeNull();
  const stranger = { ...window('p'.repeat(22)), credentialId: 'z'.repeat(43) };
  expect(await codeOf(commit(story, stranger))).toBe('APPROVAL_KEY_REMOVED');
  expect(await opened.store.auditRows()).toEqual([]);
});

test('a telling is one entry, whatever is lost and repeated; its first answer stands', async () => {
  const story = await begun();
  const notice = { kind: 'incident-opened', organization: story.name, incident: '7' as IncidentId } as const;
  const recipient = { channel: 'webhook', id: 'endpoint/1' as RecipientId } as const;
  const key = tellingKey(notice, recipient);
  const change = (statusClass: 2 | 4): ChangeOf<'notice-delivered'> => ({
    ...{ type: 'notice-delivered', incident: notice.incident, kind: notice.kind, statusClass },
    ...{ channel: recipient.channel, recipient: recipient.id },
  });
  const request = (statusClass: 2 | 4) => ({
    ...{ idempotencyKey: key, actor: SYSTEM, fence: null, organization: story.organization },
    change: change(statusClass),
  });
  await expect(opened.another(lostBefore()).commit(request(2))).rejects.toThrow();
  expect(await opened.store.told(story.organization, [key])).toEqual(new Map());
  await expect(opened.another(answerLost()).commit(request(2))).rejects.toThrow();
  expect((await opened.store.commit(request(4))).replayed).toBe(true);
  expect(await opened.store.told(story.organization, [key, 'notice/8'])).toEqual(
    new Map([[key, 'notice-delivered']]),
  );
  expect((await lines(story)).match(/"notice-delivered"/g)).toHaveLength(1);
});

test('an incident as people are told of it, by its number', async () => {
  const story = await begun();
  await opened.store.refused(story.organization, 'KEY_DISABLED', null);
  await opened.store.refused(story.organization, 'KEY_DISABLED', null);
  const [row] = await opened.sql<{ id: string }>('SELECT id FROM incident WHERE organization_id = $1', [
    story.organization,
  ]);
  const id = (row?.id ?? '') as IncidentId;
  expect(await opened.store.incidentFacts(id)).toMatchObject({
    ...{ id, code: 'KEY_DISABLED', owner: null, refusals: 2, closedAt: null },
    organization: { id: story.organization, name: story.name },
  });
  expect(await opened.store.incidentFacts('999999999' as IncidentId)).toBeNull();
});

describe('inv09: rows that somebody else wrote', () => {
  test('a forged endpoint, or another address in its place, is sent nothing, and is found', async () => {
    const story = await begun();
    const change = endpoint();
    const { index } = await commit(story, change);
    await opened.sql(
      `INSERT INTO notice_endpoint VALUES ($1, $2, gen_random_uuid(), 'https://evil.example/')`,
      [story.organization, 9_999],
    );
    await opened.sql('ALTER TABLE notice_endpoint DISABLE TRIGGER append_only');
    await opened.sql(`UPDATE notice_endpoint SET url = 'https://evil.example/' WHERE endpoint_id = $1`, [
      change.endpoint,
    ]);
    expect(await opened.store.noticeEndpoints(story.organization)).toEqual([]);
    expect((await opened.store.auditRows()).map(({ table, why }) => [table, why])).toEqual([
      ['notice_endpoint', 'no endpoint-registered entry like it'],
      ['notice_endpoint', 'no endpoint-registered entry like it'],
    ]);
    await opened.sql(`DELETE FROM notice_endpoint WHERE ledger_index = 9999`);
    await opened.sql(`DELETE FROM notice_endpoint WHERE endpoint_id = $1`, [change.endpoint]);
    expect(await opened.store.auditRows()).toMatchObject([
      { table: 'notice_endpoint', row: String(index), why: 'recorded, and gone' },
    ]);
    await opened.sql(`INSERT INTO notice_endpoint VALUES ($1, $2, $3, $4)`, [
      ...[story.organization, index, change.endpoint, change.url],
    ]);
    await opened.sql('ALTER TABLE notice_endpoint ENABLE ALWAYS TRIGGER append_only');
    expect(await opened.store.auditRows()).toEqual([]);
  });

  test('a handoff with other contacts pages none of them, and is found', async () => {
    const story = await Story.at(opened.store, 'handoff');
    await story.handOff();
    const [before] = await opened.sql<{ contacts: object }>(
      'SELECT contacts FROM handoff WHERE organization_id = $1',
      [story.organization],
    );
    const set = (contacts: unknown) =>
      opened.sql('UPDATE handoff SET contacts = $2 WHERE organization_id = $1', [
        ...[story.organization, JSON.stringify(contacts)],
      ]);
    await opened.sql('ALTER TABLE handoff DISABLE TRIGGER append_only');
    await set([{ name: 'Eve', email: 'eve@evil.example', duty: 'security' }]);
    expect(await opened.store.incidentContacts(story.organization)).toEqual([]);
    expect(await opened.store.auditRows()).toMatchObject([{ table: 'handoff' }]);
    await set(before?.contacts);
    await opened.sql('ALTER TABLE handoff ENABLE ALWAYS TRIGGER append_only');
    expect(await opened.store.auditRows()).toEqual([]);
  });
});
