import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'pg';
import type { OrganizationId } from '../../domain/ids';
import { PublicationAway } from '../../domain/ports/archive';
import { createStore } from '../../store';
import { copyOf } from '../e2e/deployment/database-copy';
import { provided } from '../harness/variables';
import { auditing, ONCE, WHOLE } from './support/audit';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
let story: Story;
let organization: OrganizationId;
let audit: Awaited<ReturnType<typeof auditing>>;
beforeEach(async () => {
  opened = await openStore();
  story = await Story.at(opened.store, 'handoff');
  organization = story.organization;
  audit = await auditing(opened);
});
afterEach(async () => {
  audit.remove();
  await opened.close();
});

/** As the superuser, past the triggers. */
async function forge(table: string, text: string, values: readonly unknown[]): Promise<void> {
  await opened.sql(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  await opened.sql(text, values);
  await opened.sql(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER append_only`);
}
const rewrite = (index: number, from: string, to: string) =>
  forge(
    'ledger_entry',
    'UPDATE ledger_entry SET entry = replace(entry, $3, $4) WHERE organization_id = $1 AND index = $2',
    [organization, index, from, to],
  );

/** Where entries of this type stand. */
async function indexOf(type: string): Promise<number> {
  const [row] = await opened.sql<{ index: number }>(
    'SELECT index FROM ledger_entry WHERE organization_id = $1 AND type = $2 ORDER BY index LIMIT 1',
    [organization, type],
  );
  return row?.index ?? -1;
}
const findingsKept = async () => (await opened.store.auditHealth()).findings;

test('inv09: a ledger as it was signed is published once, and then what was appended to it', async () => {
  expect(await audit.run()).toEqual({ probed: 1, failed: 0, found: [] });
  const [first = ''] = audit.files(organization);
  const { size, lines, texts, from } = audit.part(organization, first);
  expect(from).toBe(0);
  const stored = await opened.store.ledgerLines(organization, 0, size);
  expect(lines).toEqual(stored.map(({ entry }) => entry));

  const kinds = new Set(texts.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    'approval',
    'canary',
    'envelope',
    'external-id',
    'idempotency-key',
    'order',
    'plan',
    'statement-custody',
    'statement-envelope',
    'statement-sealed',
  ]);
  const live = (await opened.store.liveEnvelopes(organization)).map(({ wrapped }) =>
    Buffer.from(wrapped).toString('base64'),
  );
  expect(live).toHaveLength(2);
  expect(texts.map(({ text }) => text)).toEqual(expect.arrayContaining(live));

  expect(await audit.run({ wholeMs: ONCE })).toEqual({ probed: 1, failed: 0, found: [] });
  expect(await audit.run()).toEqual({ probed: 1, failed: 0, found: [] });
  expect(audit.files(organization)).toEqual([first]);

  await story.handOff();
  expect((await audit.run({ wholeMs: ONCE })).found).toEqual([]);
  const [, second = ''] = audit.files(organization);
  expect(audit.part(organization, second)).toMatchObject({
    ...{ from: size, size: size + 1 },
    texts: [expect.objectContaining({ index: size, kind: 'idempotency-key' })],
  });
  expect((await audit.run()).found).toEqual([]);
  expect(audit.files(organization)).toHaveLength(2);
});

test('inv09: a rewritten entry is found and named, and stands until it is as it was', async () => {
  await audit.run();
  const index = await indexOf('order-accepted');
  await rewrite(index, 'PO-1', 'PO-2');
  // An audit of what was appended doesn't read it again; one from the first entry on does.
  expect((await audit.run({ wholeMs: ONCE })).found).toEqual([]);
  const { failed, found } = await audit.run();
  expect(failed).toBe(1);
  expect(found).toEqual(
    expect.arrayContaining([
      { finding: 'entry-rewritten', by: 'publication', index },
      { finding: 'entry-rewritten', by: 'signer', index },
    ]),
  );
  expect(await findingsKept()).toMatchObject({ 'entry-rewritten': 2, 'head-differs': 1 });
  expect(audit.files(organization)).toEqual([
    expect.stringMatching(/^\d{12}\.jsonl$/),
    expect.stringMatching(/^incident-[0-9a-f]{16}\.json$/),
  ]);
  await rewrite(index, 'PO-2', 'PO-1');
  expect((await audit.run()).found).toEqual([]);
  expect(await findingsKept()).toEqual({});
});

test('inv09: a place that goes away while the entry is looked for hides no rewriting', async () => {
  await audit.run();
  await rewrite(await indexOf('order-accepted'), 'PO-1', 'PO-2');
  const { publication } = audit.deps;
  if (publication === null) throw new Error('it publishes');
  const next = () => Promise.reject(new PublicationAway('THROTTLED'));
  const away = { ...publication, parts: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) };
  const { probed, found } = await audit.run({ publication: away });
  expect(probed).toBe(1);
  expect(found).toEqual(
    expect.arrayContaining([
      { finding: 'entry-rewritten', by: 'publication', index: null },
      { finding: 'entry-rewritten', by: 'signer', index: null },
    ]),
  );
});

test('inv09: what was found once is looked for in full until it is gone', async () => {
  await opened.store.publishCheckpoint(organization);
  const index = await indexOf('order-accepted');
  await rewrite(index, 'PO-1', 'PO-2');
  expect((await audit.run({ wholeMs: ONCE })).failed).toBe(1);
  expect((await audit.run({ wholeMs: ONCE })).failed).toBe(1);
  await rewrite(index, 'PO-2', 'PO-1');
  expect((await audit.run({ wholeMs: ONCE })).failed).toBe(0);
});

test('inv09: an entry rewritten before anybody signed it differs from the head that the database keeps', async () => {
  await rewrite(await indexOf('order-accepted'), 'PO-1', 'PO-2');
  const { found } = await audit.run();
  expect(found).toEqual([{ finding: 'head-differs', entries: expect.any(Number) }]);
  // Its incident is all that is published of it.
  expect(audit.files(organization)).toEqual([expect.stringMatching(/^incident-/)]);
});

test('inv09: an entry that is gone is named, and so is a row past the end that would pass for one', async () => {
  await audit.run();
  const index = await indexOf('approval-accepted');
  await forge(
    'ledger_entry',
    `INSERT INTO ledger_entry SELECT organization_id, 900, type, at, operation_id, entry, leaf_hash, 'forged', request_digest
     FROM ledger_entry WHERE organization_id = $1 AND index = $2`,
    [organization, index],
  );
  expect((await audit.run({ wholeMs: ONCE })).found).toEqual([{ finding: 'entry-beyond-head', index: 900 }]);
  await forge('ledger_entry', 'DELETE FROM ledger_entry WHERE organization_id = $1 AND index = ANY($2)', [
    organization,
    [index, 900],
  ]);
  expect((await audit.run()).found).toEqual([{ finding: 'entry-missing', index }]);
});

test('inv09: a database restored from before is found by what was signed, and by what was published', async () => {
  const { size: entries } = await opened.store.ledgerHead(organization);
  await audit.run();
  const { ownerUrl, appUrl: url } = opened;
  const adminUrl = provided('postgres');
  const copy = await copyOf({ url, ownerUrl, adminUrl, drop: async () => undefined });
  await story.handOff();
  expect((await audit.run()).found).toEqual([]);
  const old = createStore(
    { url: copy.url, deployment: DEPLOYMENT, mode: 'development', random: randomBytes },
    opened.signer,
    { warn: () => undefined },
  );
  const pool = new Pool({ connectionString: copy.ownerUrl, max: 1 });
  const restored = {
    ...audit,
    run: (await auditing({ ...opened, store: old, sql: async (text) => (await pool.query(text)).rows })).run,
  };
  const { publication } = audit.deps;
  const { found } = await restored.run({ publication, wholeMs: ONCE });
  const rolledBack = { finding: 'rolled-back', entries, known: entries + 1 };
  expect(found).toEqual([
    { ...rolledBack, by: 'publication' },
    { ...rolledBack, by: 'signer' },
  ]);
  // Whoever writes on from there writes another history.
  await Story.begin(old);
  await old.commit({ ...story.unfenced(story.orderChange(9)), idempotencyKey: 'another history' });
  expect((await restored.run({ publication })).found).toEqual(
    expect.arrayContaining([{ finding: 'entry-rewritten', by: 'signer', index: entries }]),
  );
  await pool.end();
  await old.close();
  await copy.drop();
});

test('inv09: a signer whose state was put back is found by what was published', async () => {
  const before = await opened.store.ledgerHead(organization);
  await opened.store.publishCheckpoint(organization);
  await story.handOff();
  await audit.run();
  const signer = { ...audit.deps.signer, keys: () => opened.signer.keys(), lastHead: async () => before };
  expect((await audit.run({ signer })).found).toEqual([
    { finding: 'signer-behind', entries: before.size, known: before.size + 1 },
  ]);
});

test('inv09: a statement that was not signed for its entry is found', async () => {
  await audit.run();
  const from = await indexOf('custody-switched');
  const index = await indexOf('order-accepted');
  await opened.sql(
    `INSERT INTO statement SELECT organization_id, $3, kind, jws FROM statement WHERE organization_id = $1 AND ledger_index = $2`,
    [organization, from, index],
  );
  expect((await audit.run()).found).toEqual([
    { finding: 'statement-unexplained', index, kind: 'custody' },
    // It isn't what was published, either.
    { finding: 'publication-differs' },
  ]);
});

test('inv09: parts that were changed, cut off, forged or taken away are found, and nothing is written over them', async () => {
  await audit.run();
  await story.handOff();
  await audit.run();
  const [first = '', second = ''] = audit.files(organization);
  const path = (name: string) => join(audit.folder, organization, name);
  const damaged = async (name: string, damage: (text: string) => string | null) => {
    const kept = readFileSync(path(name), 'utf8');
    const text = damage(kept);
    if (text === null) rmSync(path(name));
    else writeFileSync(path(name), text);
    const { found } = await audit.run({ wholeMs: WHOLE });
    writeFileSync(path(name), kept);
    return found;
  };
  const unusable = [{ finding: 'publication-differs' }];
  expect(await damaged(first, (text) => text.replace('PO-1', 'PO-2'))).toEqual(unusable);
  expect(await damaged(first, () => null)).toEqual(unusable);
  expect(await damaged(second, (text) => text.slice(0, -20))).toEqual(unusable);
  expect(
    await damaged(second, (text) =>
      text.replace(/— novantra-test [^\\]{20}/, (line) => `${line.slice(0, -4)}AAAA`),
    ),
  ).toEqual(unusable);
  expect((await audit.run()).found).toEqual([]);
});

test('inv09: a row that no entry explains is found by an audit from the first entry on, and only there', async () => {
  await audit.run();
  await opened.sql(`UPDATE custody SET current_version = 1 WHERE organization_id = $1`, [organization]);
  expect((await audit.run({ wholeMs: ONCE })).found).toEqual([]);
  await opened.store.auditSoon(organization);
  expect((await audit.run({ wholeMs: ONCE })).found).toEqual([
    {
      finding: 'row-unexplained',
      table: 'custody',
      row: 'customer',
      why: 'not what the last custody-switched entry says',
    },
  ]);
  expect(await opened.store.lastAudit(organization)).toMatchObject({
    at: expect.any(String),
    findings: [{ finding: 'row-unexplained', table: 'custody' }],
  });
  const { length } = await opened.store.auditRows(organization);
  expect([
    length,
    (await opened.store.auditRows((await Story.created(opened.store)).organization)).length,
  ]).toEqual([1, 0]);
});

test('a ledger that can’t be published is found, and published by the next audit', async () => {
  const { publication } = audit.deps;
  if (publication === null) throw new Error('none');
  const full = { ...publication, publish: () => Promise.reject(new Error('no space')) };
  expect((await audit.run({ publication: full })).found).toEqual([{ finding: 'not-published' }]);
  expect((await audit.run()).found).toEqual([]);
  expect(audit.files(organization)).toHaveLength(1);
});

test('without anywhere to publish, the signer alone is who remembers', async () => {
  expect((await audit.run({ publication: null })).found).toEqual([]);
  await opened.store.publishCheckpoint(organization);
  await rewrite(await indexOf('order-accepted'), 'PO-1', 'PO-2');
  expect((await audit.run({ publication: null })).found).toContainEqual({
    finding: 'entry-rewritten',
    by: 'signer',
    index: null,
  });
});
