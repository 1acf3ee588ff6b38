import { SYSTEM, UNVERIFIED } from '../../domain/actor';
import type { KeyRef, OperationId } from '../../domain/ids';
import { ROTATION_RULE } from '../../domain/rotation';
import { type Opened, openStore } from './support/opened';
import { activeAtAzure, Rotation, versionOf } from './support/rotation';
import { clean, refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const RULE = ROTATION_RULE;
async function dueNow(story: Story, rule = RULE) {
  return opened.store.rotationsDue(rule, story.name);
}
const live = async ({ organization }: Story) =>
  (await opened.store.liveEnvelopes(organization)).map(({ version, keyRef }) => [version, keyRef]);

test('a rotation switches to just what it staged, erases what was before, and every row has its entry', async () => {
  const story = await activeAtAzure(opened.store);
  const [one, two] = [versionOf(story, 1), versionOf(story, 2)];
  const rotation = new Rotation(story);
  await rotation.staged(3);
  // Nothing has moved: the former envelopes serve, under the version that they were pinned to.
  expect(await live(story)).toEqual([
    [1, one],
    [2, one],
  ]);
  const { connection, custody } = await opened.store.snapshot(story.organization, ['current']);
  expect([connection?.pinnedKeyRef, custody.currentVersion]).toEqual([one, 2]);
  expect((await opened.store.canary(story.organization))?.keyRef).toBe(one);
  await rotation.switch(3);
  expect(await live(story)).toEqual([
    [1, two],
    [2, two],
    [3, two],
  ]);
  const after = await opened.store.snapshot(story.organization, ['current']);
  expect(after).toMatchObject({
    custody: { currentVersion: 3, sealing: false },
    connection: { pinnedKeyRef: two },
  });
  expect(after.sealed).not.toBeNull();
  expect((await opened.store.canary(story.organization))?.keyRef).toBe(two);
  expect((await opened.store.keys(story.organization)).keyRefs).toEqual([
    { keyRef: one, live: [], retired: null },
    { keyRef: two, live: [1, 2, 3], retired: null },
  ]);
  const { index, at } = await rotation.erase();
  expect(await opened.store.keys(story.organization)).toMatchObject({
    rotation: { kind: 'rotate', stage: 'closed', outcome: 'completed' },
    due: null,
    keyRefs: [
      { keyRef: one, live: [], retired: { index, at, backupsExpireAt: '2096-10-02T07:06:40.000Z' } },
      { keyRef: two, live: [1, 2, 3], retired: null },
    ],
  });
  expect(await opened.store.supersededEnvelopes(story.organization)).toEqual([]);
  expect(await opened.signer.epochFloor(story.organization)).toBe(story.operation.epoch);
  expect(await opened.store.auditRows()).toEqual([]);
});

test('the status of an arrangement isn’t that of its rotation', async () => {
  const story = await activeAtAzure(opened.store);
  const rotation = new Rotation(story);
  await rotation.staged();
  expect((await opened.store.status(story.name))?.operation).toMatchObject({
    kind: 'activate',
    stage: 'handoff',
  });
});

test('one that is refused takes back what it staged, and the customer’s new version was never in use', async () => {
  const story = await activeAtAzure(opened.store);
  const rotation = new Rotation(story);
  await rotation.staged();
  const closing = { outcome: 'refused', reason: 'KEY_DISABLED' } as const;
  await story.step({ type: 'operation-closed', ...closing }, 'live', 'closed', { closing });
  const one = versionOf(story, 1);
  expect(await live(story)).toEqual([
    [1, one],
    [2, one],
  ]);
  expect((await opened.store.keys(story.organization)).keyRefs).toEqual([
    { keyRef: one, live: [1, 2], retired: null },
  ]);
  expect((await story.current()).holdsLock).toBe(false);
  expect(await opened.store.auditRows()).toEqual([]);
  // For an hour it isn't tried again by itself.
  const due = { type: 'rotation-due', cause: 'provider-key-version', newKeyVersion: false } as const;
  await opened.store.commit(story.unfenced(due));
  expect(await dueNow(story)).toEqual([]);
});

describe('invariant 1, 3: a rotation moves custody nowhere', () => {
  test('to another key than a version of the one in custody it isn’t launched', async () => {
    const story = await activeAtAzure(opened.store);
    const other = 'https://customers.vault.azure.net/keys/other/00000000000000000000000000000001' as KeyRef;
    const rotation = new Rotation(story, other);
    await rotation.open();
    await expect(rotation.verify()).rejects.toEqual(refused('INPUT_INVALID'));
    await expect(rotation.launch()).rejects.toEqual(refused('VERIFICATION_MISSING'));
  });

  test('unverified, unclean, or verified for another version it isn’t launched', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.open();
    await expect(rotation.launch()).rejects.toEqual(refused('VERIFICATION_MISSING'));
    const [first, ...rest] = clean;
    if (first === undefined) throw new Error('no checks');
    const wrap = {
      check: 'wrap',
      result: 'failed',
      code: 'WRAP_DENIED',
      owner: 'customer',
      requestId: null,
    } as const;
    await rotation.verify([wrap, ...rest]);
    await expect(rotation.launch()).rejects.toEqual(refused('VERIFICATION_MISSING'));
    await rotation.verify();
    const change = { ...(await rotation.launchChange()), to: versionOf(story, 9) };
    await expect(story.step(change, 'verification', 'live')).rejects.toEqual(refused('VERIFICATION_MISSING'));
    await expect(rotation.launch(3)).rejects.toEqual(refused('PLAN_CHANGED'));
  });

  test.each([
    ['a version is missing', [1], 2],
    ['one is there that nobody launched', [1, 2, 3], 2],
    ['another version would be current', [1, 2], 1],
  ])('%s: it doesn’t switch', async (_why, versions, current) => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.open();
    await rotation.verify();
    await rotation.launch();
    for (const version of versions) await rotation.stage(version);
    await expect(rotation.switch(current)).rejects.toEqual(refused('PLAN_CHANGED'));
  });

  test.each(['checkValue', 'keyRef'] as const)(
    'an envelope with another %s: it doesn’t switch',
    async (member) => {
      const story = await activeAtAzure(opened.store);
      const rotation = new Rotation(story);
      await rotation.open();
      await rotation.verify();
      await rotation.launch();
      await rotation.stage(1);
      const other = member === 'keyRef' ? versionOf(story, 1) : 'e'.repeat(64);
      await story.step({ ...rotation.envelope(2), [member]: other } as never, 'live', 'live');
      await expect(rotation.switch()).rejects.toEqual(refused('PLAN_CHANGED'));
    },
  );

  test('what its guard refuses doesn’t happen', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.staged();
    const before = await opened.store.ledgerHead(story.organization);
    await expect(rotation.switch(2, async () => Promise.reject(new Error('not signed')))).rejects.toThrow(
      'not signed',
    );
    expect(await opened.store.ledgerHead(story.organization)).toEqual(before);
  });

  test('an activation isn’t launched as one, nor ended as one', async () => {
    const story = await Story.at(opened.store, 'verification');
    const launch = { type: 'rotation-launched', from: 'a', to: 'b', rewrap: [1], mint: null } as never;
    await expect(story.step(launch, 'verification', 'live')).rejects.toEqual(refused('STAGE_MISMATCH'));
    const sealing = await Story.at(opened.store, 'sealing');
    const erased = {
      type: 'superseded-envelopes-erased',
      envelopes: [],
      retired: [],
      backupsExpireAt: '',
    } as never;
    await expect(sealing.step(erased, 'sealing', 'closed')).rejects.toEqual(refused('STAGE_MISMATCH'));
  });

  test('a rotation enters no handoff, and seals nothing', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.staged();
    await rotation.switch();
    const entered = { type: 'live-entered', currentVersion: 2 } as never;
    await expect(story.step(entered, 'sealing', 'handoff')).rejects.toEqual(refused('STAGE_MISMATCH'));
  });
});

describe('invariant 9: what is erased is what was superseded, all of it', () => {
  test('a live one, fewer, or a key that is still in use: nothing is erased', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.staged();
    await rotation.switch();
    const change = await rotation.eraseChange();
    const [first] = change.envelopes;
    const [alive] = await opened.store.liveEnvelopes(story.organization);
    if (first === undefined || alive === undefined) throw new Error('nothing to erase');
    const wrong = [
      { ...change, envelopes: [first] },
      { ...change, envelopes: [first, alive] },
      { ...change, retired: [versionOf(story, 2)] },
      { ...change, retired: [] },
    ];
    for (const each of wrong) {
      await expect(story.step(each, 'sealing', 'closed')).rejects.toEqual(refused('PLAN_CHANGED'));
    }
    const { index } = await rotation.erase();
    // Not by the function that erases either, whoever calls it.
    await expect(
      opened.sql('SELECT erase_envelope($1, $2, $3)', [story.organization, alive.wrappedSha256, index]),
    ).rejects.toThrow(/it is live/);
  });

  test('a row of what is due that no entry explains is found, and one that was taken away', async () => {
    const story = await activeAtAzure(opened.store);
    await opened.sql('INSERT INTO rotation_due VALUES ($1, 1, $2, true, null)', [story.organization, 'age']);
    expect(await opened.store.auditRows()).toContainEqual(
      expect.objectContaining({
        table: 'rotation_due',
        organization: story.organization,
        why: 'no entry like it',
      }),
    );
    await opened.sql('ALTER TABLE rotation_due DISABLE TRIGGER never_removed');
    await opened.sql('DELETE FROM rotation_due WHERE organization_id = $1', [story.organization]);
    await opened.sql('ALTER TABLE rotation_due ENABLE ALWAYS TRIGGER never_removed');
  });
});

describe('invariant 10: under the fence', () => {
  test('one that is launched isn’t set back by another verification', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.open();
    await rotation.verify();
    await rotation.launch();
    const again = {
      type: 'verification-recorded',
      connectionId: story.connectionId,
      findings: clean,
    } as const;
    const change = { ...again, keyRef: rotation.to, canary: null };
    await expect(story.step(change, 'live', 'verification')).rejects.toEqual(refused('STAGE_MISMATCH'));
    expect(await story.current()).toMatchObject({ stage: 'live', holdsLock: true });
  });

  test('an older claimant’s steps are refused, whatever they are', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.staged();
    const stale = story.operation;
    await rotation.open({}, 'rotation-2');
    const current = story.operation;
    expect(current.id).toBe(stale.id);
    story.operation = stale;
    await expect(rotation.stage(1)).rejects.toEqual(refused('OPERATION_STALE'));
    await expect(rotation.switch()).rejects.toEqual(refused('OPERATION_STALE'));
    story.operation = current;
    await rotation.switch();
    story.operation = stale;
    await expect(rotation.erase()).rejects.toEqual(refused('OPERATION_STALE'));
  });

  test('while another operation holds the lock it is postponed, and due as soon as that has ended', async () => {
    const story = await activeAtAzure(opened.store);
    const rotation = new Rotation(story);
    await rotation.open({ newKeyVersion: true });
    await rotation.verify();
    const holder = 'f0000000-0000-4000-8000-000000000001' as OperationId;
    await opened.sql(
      `INSERT INTO operation (id, organization_id, kind, epoch, stage, holds_lock, claimant, stage_since, opened_at)
       VALUES ($1, $2, 'offboard', 99, 'live', true, 'x', now(), now())`,
      [holder, story.organization],
    );
    await expect(rotation.launch(3)).rejects.toEqual(refused('OPERATION_LOCKED'));
    const postponed = { type: 'rotation-postponed', cause: 'request', newKeyVersion: true } as const;
    const closing = { outcome: 'refused', reason: 'OPERATION_LOCKED' } as const;
    await story.step(postponed, 'verification', 'closed', { closing });
    expect(await dueNow(story)).toEqual([]);
    await opened.sql(`UPDATE operation SET holds_lock = false, stage = 'closed' WHERE id = $1`, [holder]);
    const organization = { id: story.organization, name: story.name };
    expect(await dueNow(story)).toEqual([{ organization, cause: 'request', newKeyVersion: true }]);
    expect((await opened.store.keys(story.organization)).due).toBe('request');
    expect(await opened.store.auditRows()).toEqual([]);
  });
});

describe('what is due', () => {
  test('by age, by use, by notice; a completed rotation settles it', async () => {
    const story = await activeAtAzure(opened.store);
    expect(await dueNow(story)).toEqual([]);
    expect(await dueNow(story, { ...RULE, maxAgeDays: 0 })).toMatchObject([
      { cause: 'age', newKeyVersion: true },
    ]);
    await opened.sql(
      `INSERT INTO usage (organization_id, at, key_ref, purpose, operations)
       VALUES ($1, now() + interval '-2 minutes', 'k', 'encrypt', 40), ($1, now() + interval '-3 minutes', 'k', 'decrypt', 60)`,
      [story.organization],
    );
    await opened.store.rollUpUsage(await opened.store.now());
    // Minutes before the version was minted don't count.
    expect(await dueNow(story, { ...RULE, maxOperations: 1 })).toEqual([]);
    await opened.sql(`INSERT INTO usage_minute VALUES ($1, now() + interval '1 minute', 5, 170)`, [
      story.organization,
    ]);
    expect(await dueNow(story, { ...RULE, maxOperations: 70 })).toMatchObject([{ cause: 'volume' }]);
    expect(await dueNow(story, { ...RULE, maxOperations: 71 })).toEqual([]);
    const due = { type: 'rotation-due', cause: 'provider-key-version', newKeyVersion: false } as const;
    await opened.store.commit(story.unfenced(due));
    expect(await dueNow(story)).toMatchObject([{ cause: 'provider-key-version', newKeyVersion: false }]);
    await story.handOff();
    const rotation = new Rotation(story);
    await rotation.staged();
    expect(await dueNow(story)).toEqual([]);
    const shown = async () => (await opened.store.status(story.name))?.operation;
    expect(await shown()).toMatchObject({ kind: 'rotate', stage: 'live' });
    await rotation.switch();
    await rotation.erase();
    expect(await shown()).toMatchObject({ kind: 'activate', stage: 'closed' });
    expect(await dueNow(story)).toEqual([]);
  });

  test('by the sweep’s finding of a newer version, until a rotation has moved to it', async () => {
    const story = await activeAtAzure(opened.store);
    await opened.sql(
      `INSERT INTO drift (organization_id, found_index, aspect, code, owner, key_ref, found_at)
       VALUES ($1, 1, 'version', 'KEY_ROTATED', 'customer', $2, now())`,
      [story.organization, versionOf(story, 2)],
    );
    expect(await dueNow(story)).toMatchObject([{ cause: 'provider-key-version', newKeyVersion: false }]);
    const rotation = new Rotation(story);
    await rotation.staged();
    // People wait at the handoff, so that is what they are shown.
    const shown = (await opened.store.status(story.name))?.operation;
    expect(shown).toMatchObject({ kind: 'activate', stage: 'handoff' });
    await rotation.switch();
    await rotation.erase();
    expect(await dueNow(story)).toEqual([]);
  });

  test('one is opened by whom we know, or by ourselves: never by somebody unverified, nor in platform custody', async () => {
    const story = await activeAtAzure(opened.store);
    const claim = { organization: story.name, kind: 'rotate', claimant: 'x' } as const;
    await expect(opened.store.claim({ ...claim, actor: UNVERIFIED })).rejects.toEqual(refused('FORBIDDEN'));
    const platform = await Story.created(opened.store);
    await expect(
      opened.store.claim({ ...claim, organization: platform.name, actor: SYSTEM }),
    ).rejects.toEqual(refused('NOT_CUSTOMER_CUSTODY'));
    const sealing = await Story.at(opened.store, 'sealing');
    await expect(opened.store.claim({ ...claim, organization: sealing.name, actor: SYSTEM })).rejects.toEqual(
      refused('NOT_CUSTOMER_CUSTODY'),
    );
    const ask = { cause: 'age', reason: null, newKeyVersion: true } as const;
    const mine = await opened.store.claim({ ...claim, actor: SYSTEM, ask });
    expect(mine).toMatchObject({ kind: 'rotate', stage: 'verification', connectionId: story.connectionId });
    expect(await opened.store.rotation(story.organization, mine.id)).toEqual({
      ask,
      verification: null,
      launched: null,
    });
  });
});
