import { generateKeyPairSync } from 'node:crypto';
import type { ApproverKey } from '../../domain/approval';
import { canonicalBytes, type JsonObject } from '../../domain/canonical';
import type { ChangeOf } from '../../domain/change';
import { sha256Hex } from '../../domain/digest';
import { instantOf } from '../../domain/ids';
import { nodeSuite } from '../../ledger/node/suite';
import { compactJws, type SigningKey, signingKey } from '../../ledger/signer-keys';
import { leafHash } from '../../ledger/verify/tree';
import type { LockedFacts } from '../../store';
import { openDatabase } from '../../store/database';
import { HeldLedger } from '../../store/ledger/held-ledger';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { refused, Story, utf8 } from './support/story';

/** A database superuser, past every trigger, takes rows away so that what was taken back counts again. */
let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
  for (const table of ['signed_order', 'approver_key', 'approver_removal', 'ledger_entry', 'ledger_head'])
    await opened.sql(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
});
afterAll(() => opened.close());

const newKey = (): SigningKey => signingKey(generateKeyPairSync('ed25519').privateKey);
function rowOf({ jwk: { kid, kty, crv, x } }: SigningKey, enrolment?: string): ApproverKey {
  const publicJwk = { kty, crv, x };
  const word = enrolment === undefined ? {} : { enrolment };
  const enrolledAt = instantOf(1_700_000_000_000);
  return { credentialId: kid, publicJwk, role: 'customer-admin', enrolledAt, removedAt: null, ...word };
}
/** What `by` signs; the store compares whose word it is, and the authority what it says. */
const wordOf = (by: SigningKey, about: string) =>
  compactJws(by, 'smsk-enrolment+jws', canonicalBytes({ about }));

async function enrol(story: Story, key: SigningKey, by?: SigningKey): Promise<unknown> {
  const change: ChangeOf<'approver-enrolled'> = {
    type: 'approver-enrolled',
    key: rowOf(key, by && wordOf(by, key.jwk.kid)),
    by: by ? { kind: 'approver', credentialId: by.jwk.kid } : { kind: 'order', orderRef: 'PO-1' },
  };
  return opened.store.commit(story.unfenced(change));
}
const remove = (story: Story, key: SigningKey, by: SigningKey) =>
  opened.store.commit(
    story.unfenced({
      type: 'approver-removed',
      credentialId: key.jwk.kid,
      by: { kind: 'approver', credentialId: by.jwk.kid },
      enrolment: wordOf(by, 'removal'),
    }),
  );

/** Each as a process of its own sees it, which has read nothing before, and as one that has. */
const stores = () => [opened.store, opened.another()];
const removalsOf = async (story: Story, store = opened.store) =>
  (await store.approverKeys(story.organization)).map(({ removedAt }) => removedAt !== null);

async function ready(): Promise<Story> {
  const story = await Story.at(opened.store, 'live');
  await story.launch();
  await story.stage(1, 'customer', false);
  await story.stage(2, 'customer', true);
  return story;
}

describe('a withdrawal whose row was deleted', () => {
  let story: Story;
  beforeAll(async () => {
    story = await ready();
    await story.order('withdrawal');
    await opened.sql(`DELETE FROM signed_order WHERE organization_id = $1 AND kind = 'withdrawal'`, [
      story.organization,
    ]);
  });

  test('the order before it entitles to nothing, in any process', async () => {
    for (const store of stores()) {
      await expect(store.latestOrder(story.organization)).rejects.toEqual(refused('LEDGER_MISMATCH'));
      await expect(store.planFacts(story.operation.id)).rejects.toEqual(refused('LEDGER_MISMATCH'));
    }
  });

  test('and the switch doesn’t go by it, whatever its guard would say', async () => {
    const guard = jest.fn(async () => undefined);
    await expect(story.switch(guard)).rejects.toEqual(refused('LEDGER_MISMATCH'));
    expect(guard).not.toHaveBeenCalled();
    expect((await opened.store.status(story.name))?.custody).toMatchObject({ custody: 'platform' });
  });

  test('nor does it come back as another row in its place', async () => {
    await opened.sql(
      `INSERT INTO signed_order SELECT organization_id, 2, 'again', kind, order_ref, jws, expires_at, ledger_index
       FROM signed_order WHERE organization_id = $1`,
      [story.organization],
    );
    await expect(opened.store.latestOrder(story.organization)).rejects.toEqual(refused('LEDGER_MISMATCH'));
  });
});

test('a withdrawal’s row that calls itself an order is still one', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  await story.order('withdrawal');
  await opened.sql(`UPDATE signed_order SET kind = 'order' WHERE organization_id = $1`, [story.organization]);
  await expect(opened.store.planFacts(story.operation.id)).rejects.toEqual(refused('ORDER_WITHDRAWN'));
});

test('an order that only the table has is inert', async () => {
  const story = await Story.created(opened.store);
  const insert = (seq: number) =>
    opened.sql(
      `INSERT INTO signed_order VALUES ($1, $2, $3, 'order', 'PO-1', $4, now() + interval '1 year', 1)`,
      [story.organization, seq, `jti-${seq}`, `a.${seq}.planted`],
    );
  await insert(7);
  expect(await opened.store.latestOrder(story.organization)).toBeNull();
  await opened.sql('DELETE FROM signed_order WHERE organization_id = $1', [story.organization]);
  await story.order();
  await insert(9);
  expect(await opened.store.latestOrder(story.organization)).toMatchObject({ jws: 'a.1.order', seq: 1 });
  expect(await opened.store.orders(story.organization)).toEqual(['a.1.order']);
});

test('a removed key whose removal was deleted stays removed: it approves nothing and vouches for nobody', async () => {
  const story = await ready();
  const [first, second, third] = [newKey(), newKey(), newKey()];
  await enrol(story, first);
  await enrol(story, second, first);
  await remove(story, first, second);
  await opened.sql('DELETE FROM approver_removal WHERE organization_id = $1', [story.organization]);
  for (const store of stores()) expect(await removalsOf(story, store)).toEqual([true, false]);
  await expect(enrol(story, third, first)).rejects.toEqual(refused('APPROVAL_KEY_REMOVED'));
  await expect(remove(story, second, first)).rejects.toEqual(refused('APPROVAL_KEY_REMOVED'));
  // Nor is it as new where its own row is gone too.
  await opened.sql('DELETE FROM approver_key WHERE organization_id = $1 AND credential_id = $2', [
    story.organization,
    first.jwk.kid,
  ]);
  await expect(enrol(story, first)).rejects.toEqual(refused('INPUT_INVALID'));
  // This is what the switch's guard judges by.
  let shown: LockedFacts | undefined;
  await story.switch(async (facts) => {
    shown = facts as LockedFacts;
  });
  expect(shown?.approverKeys.map(({ removedAt }) => removedAt !== null)).toEqual([true, false]);
});

test('a planted key row is inert, and so is a line in which a removed key vouches', async () => {
  const story = await Story.created(opened.store);
  const [first, second, planted] = [newKey(), newKey(), newKey()];
  await enrol(story, first);
  await enrol(story, second, first);
  await remove(story, first, second);
  const word = wordOf(first, planted.jwk.kid);
  await opened.sql(
    `INSERT INTO approver_key (organization_id, credential_id, public_x, role, enrolled_at, ledger_index, enrolment)
     VALUES ($1, $2, $3, 'customer-admin', now(), 1, $4)`,
    [story.organization, planted.jwk.kid, planted.jwk.x, word],
  );
  expect(await removalsOf(story)).toEqual([true, false]);
  for (const by of [first, second]) {
    await appendForged(story, 'approver-enrolled', {
      key: {
        credentialId: planted.jwk.kid,
        publicJwk: { x: planted.jwk.x },
        enrolledAt: instantOf(0),
        enrolmentSha256: sha256Hex(utf8(word)),
      },
      by: { kind: 'approver', credentialId: by.jwk.kid },
    });
    expect(await removalsOf(story)).toEqual([true, false]);
  }
});

/** A line of the superuser's at the ledger's end. */
async function appendForged(story: Story, type: string, body: JsonObject): Promise<void> {
  const { size: index } = await opened.store.ledgerHead(story.organization);
  const { length } = await opened.store.ledgerLines(story.organization, 0, 1000);
  const at = Math.max(index, length);
  const line = canonicalBytes({ type, at: instantOf(0), body, index: at, organization: story.organization });
  await opened.sql(`INSERT INTO ledger_entry VALUES ($1, $2, $3, now(), NULL, $4, $5, $6, '')`, [
    story.organization,
    at,
    type,
    Buffer.from(line).toString(),
    leafHash(nodeSuite, line),
    `forged/${at}`,
  ]);
}

describe('the ledger itself, altered below its signed head', () => {
  let story: Story;
  let withdrawnAt: number;
  beforeAll(async () => {
    story = await Story.at(opened.store, 'dry-run');
    ({ index: withdrawnAt } = await story.order('withdrawal'));
    await opened.store.publishCheckpoint(story.organization);
    await opened.sql('DELETE FROM signed_order WHERE organization_id = $1 AND seq = 2', [story.organization]);
  });
  const latest = () => opened.another().latestOrder(story.organization);
  const where = 'WHERE organization_id = $1 AND index = $2';

  /** In this place only, and put back. */
  async function whileAltered(
    statement: string,
    run: () => Promise<void>,
    more: unknown[] = [],
  ): Promise<void> {
    const values = [story.organization, withdrawnAt];
    const [row = {}] = await opened.sql<{ row: unknown }>(
      `SELECT to_jsonb(e) AS row FROM ledger_entry e ${where}`,
      values,
    );
    await opened.sql(`${statement} ${where}`, [...values, ...more]);
    await run();
    await opened.sql(`DELETE FROM ledger_entry ${where}`, values);
    await opened.sql('INSERT INTO ledger_entry SELECT * FROM jsonb_populate_record(NULL::ledger_entry, $1)', [
      JSON.stringify(row['row' as never]),
    ]);
  }

  test('the column that says it is something else hides no withdrawal, and the audit finds it', async () => {
    await whileAltered(`UPDATE ledger_entry SET type = 'usage'`, async () => {
      await expect(latest()).rejects.toEqual(refused('LEDGER_MISMATCH'));
      const found = await opened.store.auditRows();
      expect(found).toContainEqual(
        expect.objectContaining({
          table: 'ledger_entry',
          organization: story.organization,
          row: String(withdrawnAt),
        }),
      );
    });
  });

  test('another line with its own hash isn’t what was signed', async () => {
    const [line] = await opened.store.ledgerLines(story.organization, withdrawnAt, 1);
    const forged = utf8((line?.entry ?? '').replace('order-accepted', 'usage'));
    await whileAltered(
      'UPDATE ledger_entry SET entry = $3, leaf_hash = $4',
      () => expect(latest()).rejects.toEqual(refused('LEDGER_MISMATCH')),
      [Buffer.from(forged).toString(), leafHash(nodeSuite, forged)],
    );
  });

  test('a line taken out, or the ledger cut short', async () => {
    await whileAltered('DELETE FROM ledger_entry', () =>
      expect(latest()).rejects.toEqual(refused('LEDGER_BEHIND')),
    );
    await story.order();
    await opened.store.publishCheckpoint(story.organization);
    await whileAltered('DELETE FROM ledger_entry', () =>
      expect(latest()).rejects.toEqual(refused('LEDGER_MISMATCH')),
    );
    expect(await latest()).toMatchObject({ kind: 'order' });
  });
});

test('a reading goes on from the signed head it was compared with, whatever becomes of the lines before', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  const database = openDatabase(opened.appUrl, { warn: () => undefined });
  try {
    const held = new HeldLedger(opened.signer, DEPLOYMENT);
    const orders = async () => (await held.said(database.prisma, story.organization)).orders.length;
    expect(await orders()).toBe(1);
    await opened.store.publishCheckpoint(story.organization);
    expect(await orders()).toBe(1);
    await opened.sql(`UPDATE ledger_entry SET entry = '{}' WHERE organization_id = $1`, [story.organization]);
    expect(await orders()).toBe(1);
    await expect(
      new HeldLedger(opened.signer, DEPLOYMENT).said(database.prisma, story.organization),
    ).rejects.toEqual(refused('LEDGER_MISMATCH'));
  } finally {
    await database.close();
  }
});
