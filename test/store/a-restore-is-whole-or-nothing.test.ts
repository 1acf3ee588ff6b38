import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM } from '../../domain/actor';
import type { RequestId } from '../../domain/ids';
import { createStore } from '../../store';
import { auditing } from './support/audit';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { type Backup, backupOf, rowsNow } from './support/restored';
import { refused, Story } from './support/story';

let opened: Opened;
let audit: Awaited<ReturnType<typeof auditing>>;
let story: Story;
let old: Backup;
beforeEach(async () => {
  opened = await openStore();
  audit = await auditing(opened);
  story = await Story.at(opened.store, 'live');
  await audit.run();
  old = await backupOf(opened, audit);
});
afterEach(async () => {
  await old.drop();
  audit.remove();
  await opened.close();
});
const published = async () => expect((await audit.run()).found).toEqual([]);
const head = async () => (await old.store.ledgerHead(story.organization)).size;
/** Changes what was published since the backup. */
function forge(change: (text: string) => string): void {
  const name =
    audit
      .files(story.organization)
      .filter((each) => each.endsWith('.jsonl'))
      .at(-1) ?? '';
  const path = join(audit.folder, story.organization, name);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
}
const refusedFor = async (why: RegExp | string) => {
  const before = await old.rows();
  expect(await old.restore()).toEqual([{ result: 'refused', why: expect.stringMatching(why) }]);
  expect(await old.rows()).toEqual(before);
};

test('what was counted, refused, opened and closed since comes back, and what was erased before anybody could publish it stays erased', async () => {
  const { store } = opened;
  const { organization } = story;
  for (const nth of [1, 2])
    await store.usage([
      {
        organization,
        keyRef: 'k' as never,
        requestId: `r-${nth}` as RequestId,
        purpose: 'encrypt',
        operations: nth,
      },
    ]);
  await store.recordRefusal({ organization, subject: 'order', code: 'FORBIDDEN', actor: SYSTEM });
  await store.refused(organization, 'KEY_DISABLED', 'r-3' as RequestId);
  await store.recordIncidents(async () => 'customer');
  const incident = await store.openIncident(organization);
  if (incident === null) throw new Error('none is open');
  const note = { type: 'incident-annotated', incident: incident.id, note: 'we look' } as const;
  await store.commit(story.unfenced(note));
  const drift = {
    aspect: 'writes',
    code: 'WRAP_DENIED',
    owner: 'customer',
    keyRef: null,
    requestId: null,
  } as const;
  const { index: found } = await store.commit(story.unfenced({ type: 'drift-found', ...drift }));
  await store.commit(story.unfenced({ type: 'drift-cleared', aspect: 'writes', code: 'WRAP_DENIED', found }));
  await store.closeIncident(organization, incident.id, await store.now(), { versions: [], findings: [] });
  // Minutes go by, of which usage, refusals and the closing are put on record.
  await opened.sql(`UPDATE incident SET closed_at = closed_at - interval '2 minutes'`);
  await opened.sql(`UPDATE content_refusal SET minute = minute - interval '5 minutes'`);
  await opened.sql(`ALTER TABLE usage DISABLE TRIGGER USER`);
  await opened.sql(`UPDATE usage SET at = at - interval '5 minutes'`);
  await opened.sql(`ALTER TABLE usage ENABLE ALWAYS TRIGGER append_only`);
  await store.recordIncidents(async () => 'customer');
  await store.flushRefusals();
  await store.rollUpUsage(await store.now());
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.cancel('live');
  await published();
  expect(await old.restore()).toEqual([expect.objectContaining({ result: 'restored' })]);
  const is = await old.rows();
  expect(is).toEqual(await rowsNow(opened));
  expect(is['usage']).toHaveLength(2);
  expect(is['envelope']?.filter((row) => String(row).includes('"wrapped":null'))).toHaveLength(1);
  expect(await old.store.auditRows()).toEqual([]);
  // The next incident's number is a new one.
  await old.store.refused(organization, 'KEY_NOT_FOUND', null);
  expect(await old.store.openIncident(organization)).not.toBeNull();
});

test('a step whose answer was lost is found done, and a former claimant stays fenced out', async () => {
  const launch = story.request({ type: 'live-launched', planDigest: story.digest }, 'live', 'live');
  const first = await opened.store.commit(launch);
  const { epoch } = await story.claim('run-2');
  await published();
  expect(await old.restore()).toEqual([expect.objectContaining({ result: 'restored', appended: 2 })]);
  expect(await old.store.commit(launch)).toEqual({ ...first, replayed: true });
  await expect(old.store.commit({ ...launch, idempotencyKey: 'another' })).rejects.toEqual(
    refused('OPERATION_STALE'),
  );
  expect(
    (await old.store.claim({ organization: story.name, kind: 'activate', claimant: 'run-2', actor: SYSTEM }))
      .epoch,
  ).toBe(epoch);
});

test('a forged publication is refused, and nothing is changed', async () => {
  await story.launch();
  await story.stage(1, 'customer', false);
  await published();
  const name = audit.files(story.organization).at(-1) ?? '';
  const path = join(audit.folder, story.organization, name);
  const kept = readFileSync(path, 'utf8');
  const again = () => writeFileSync(path, kept);

  forge((text) => text.replace('"minted":false', '"minted":true'));
  await refusedFor(/isn't what was signed/);
  again();
  forge((text) =>
    text.replace(
      /"kind":"envelope","text":"(....)/,
      (_, four: string) => `"kind":"envelope","text":"${[...four].reverse().join('')}`,
    ),
  );
  await refusedFor(/nothing erased weren't published: version 1/);
  again();
  forge((text) => text.replaceAll('"kind":"statement-envelope"', '"kind":"statement-custody"'));
  await refusedFor(/the envelope statement of entry \d+ wasn't published/);
  again();
  forge((text) => text.replaceAll('"kind":"idempotency-key"', '"kind":"other"'));
  await refusedFor(/the idempotency key of entry \d+ wasn't published/);
  again();
  expect(await old.restore()).toEqual([expect.objectContaining({ result: 'restored' })]);
});

test('what was signed and never published isn’t made up, and another history isn’t restored', async () => {
  await story.launch();
  await published();
  await story.stage(1, 'customer', false);
  await opened.store.publishCheckpoint(story.organization);
  const entries = (await opened.store.ledgerHead(story.organization)).size;
  await refusedFor(
    `${entries} entries were signed, and ${entries - 1} published: entries ${entries - 1} to ${entries - 1} aren’t here`,
  );
  await published();
  await old.store.commit({ ...story.unfenced(story.orderChange(9)), idempotencyKey: 'another history' });
  expect(await head()).toBe(entries - 1);
  await refusedFor(/entries aren’t the first of those that were published/);
});

test('every signed head is published by whoever has it signed', async () => {
  const { publication } = audit.deps;
  const store = createStore(
    { url: opened.appUrl, deployment: DEPLOYMENT, mode: 'development', random: randomBytes, publication },
    opened.signer,
    { warn: () => undefined },
  );
  await story.launch();
  await store.publishCheckpoint(story.organization);
  await story.stage(1, 'customer', false);
  await store.publishCheckpoint(story.organization);
  await store.close();
  expect(await old.restore()).toEqual([expect.objectContaining({ result: 'restored', appended: 2 })]);
  expect((await audit.run()).found).toEqual([]);
});
