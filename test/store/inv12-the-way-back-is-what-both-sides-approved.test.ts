import { createStatementVerifier } from '../../authority';
import { Refusal } from '../../domain/failure';
import type { KeyRef, Sha256Hex } from '../../domain/ids';
import type { LockedFacts } from '../../store';
import { active, NEW_KEY, Offboarding } from './support/offboarding';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, refused } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

async function begun(): Promise<Offboarding> {
  return new Offboarding(await active(opened.store));
}
const custodyOf = async ({ story }: Offboarding) => (await opened.store.status(story.name))?.custody;

/** What an audit finds of this organization alone: others here are forged. */
const found = async ({ story }: Offboarding) =>
  (await opened.store.auditRows()).filter(({ organization }) => organization === story.organization);

test('inv12 the switch writes custody, the new key and what both sides approved, in one entry', async () => {
  const offboarding = await begun();
  const { story } = offboarding;
  await offboarding.staged();
  const { index } = await offboarding.switch();
  const snapshot = await opened.store.snapshot(story.organization, ['current', 1 as never]);
  expect(snapshot).toMatchObject({
    custody: { custody: 'platform', connectionId: null, currentVersion: 2, sealing: false },
    connection: null,
    envelopes: [{ keyRef: NEW_KEY }, { keyRef: NEW_KEY }],
  });
  const { custodyJwk } = await opened.signer.keys();
  const verifier = createStatementVerifier([custodyJwk]);
  const said = await verifier.offboarded(snapshot.offboarded ?? '');
  const custody = await verifier.custody(snapshot.custody.statement);
  expect(said).toMatchObject({
    ...{ organization: story.organization, operationId: story.operation.id, planDigest: story.digest },
    ...{ platformKeyRef: NEW_KEY, ledgerIndex: index, epoch: custody.epoch },
  });
  expect(custody).toMatchObject({ ledgerIndex: index, keyRef: NEW_KEY, operationId: story.operation.id });
  expect((await opened.store.status(story.name))?.platformKey?.keyRef).toBe(NEW_KEY);
  expect(await opened.signer.epochFloor(story.organization)).toBe(custody.epoch);
  expect((await story.current()).holdsLock).toBe(true);

  await offboarding.erase();
  expect((await story.current()).holdsLock).toBe(false);
  await story.handOff();
  expect(await opened.store.supersededEnvelopes(story.organization)).toEqual([]);
  const { keyRefs } = await opened.store.keys(story.organization);
  expect(keyRefs).toMatchObject([
    { keyRef: story.input.key, live: [], retired: { backupsExpireAt: expect.any(String) } },
  ]);
  expect(await found(offboarding)).toEqual([]);
});

test('inv12 the guard is shown both approvals and the new key; its refusal leaves custody as it was', async () => {
  const offboarding = await begun();
  await offboarding.staged();
  const before = await custodyOf(offboarding);
  let facts: LockedFacts | undefined;
  const attempt = offboarding.switch(async (shown) => {
    facts = shown;
    throw new Refusal('APPROVAL_EXPIRED');
  });
  await expect(attempt).rejects.toEqual(refused('APPROVAL_EXPIRED'));
  expect(facts).toMatchObject({
    plan: { kind: 'offboard', startedBy: { kind: 'support', name: 'ann' }, custody: { to: 'platform' } },
    approval: { evidence: expect.stringMatching(/jws/) },
    operatorApproval: expect.stringMatching(/^ey/),
    newPlatformKey: NEW_KEY,
    orderJws: null,
  });
  expect(await custodyOf(offboarding)).toEqual(before);
});

describe('inv12 each side’s approval is needed, the operator’s last', () => {
  test('one alone leads nowhere', async () => {
    const offboarding = await begun();
    await offboarding.planned();
    await expect(offboarding.operatorApproves()).rejects.toEqual(refused('APPROVAL_MISSING'));
    await expect(offboarding.customerApproves('live')).rejects.toEqual(refused('STAGE_MISMATCH'));
    await offboarding.customerApproves();
    expect(await offboarding.story.current()).toMatchObject({ stage: 'approval', operatorApproved: false });
    const shown = async () => (await opened.store.status(offboarding.story.name))?.operatorApproved;
    expect(await shown()).toBeNull();
    await offboarding.operatorApproves();
    expect(await shown()).toEqual({ by: 'bo', at: expect.stringMatching(/Z$/) });
    expect(await offboarding.story.current()).toMatchObject({ stage: 'live', operatorApproved: true });
  });

  test('of the same plan: another dry-run voids both', async () => {
    const offboarding = await begun();
    await offboarding.planned();
    await offboarding.customerApproves();
    await offboarding.operatorApproves();
    await offboarding.story.plan('live');
    await offboarding.story.review();
    expect(await offboarding.story.current()).toMatchObject({ approved: false, operatorApproved: false });
    await offboarding.customerApproves();
    await expect(
      offboarding.operatorApproves('live', {
        ...offboarding.operatorApproval(),
        planDigest: 'e'.repeat(64) as Sha256Hex,
      }),
    ).rejects.toEqual(refused('PLAN_UNKNOWN'));
  });

  test.each(['ann', ' Ann', 'ANN'])('whoever started it approves nothing: %s', async (by) => {
    const offboarding = await begun();
    await offboarding.planned();
    await offboarding.customerApproves();
    await expect(offboarding.operatorApproves('live', offboarding.operatorApproval(by))).rejects.toEqual(
      refused('SECOND_PERSON_NEEDED'),
    );
  });
});

describe('inv12 the switch takes just what was planned', () => {
  const unchanged = async (offboarding: Offboarding, code: string) => {
    const before = await custodyOf(offboarding);
    await expect(offboarding.switch()).rejects.toEqual(refused(code));
    expect(await custodyOf(offboarding)).toEqual(before);
  };

  test('nothing less', async () => {
    const offboarding = await begun();
    await offboarding.launched();
    await offboarding.createKey();
    await offboarding.stage(1);
    await unchanged(offboarding, 'PLAN_CHANGED');
  });

  test.each([
    ['another key than was made for it', { keyRef: PLATFORM_KEY }],
    ['another workspace key', { checkValue: 'e'.repeat(64) as Sha256Hex }],
  ])('not %s', async (_, other) => {
    const offboarding = await begun();
    await offboarding.launched();
    await offboarding.createKey();
    await offboarding.stage(1);
    await offboarding.stage(2, other);
    await unchanged(offboarding, 'PLAN_CHANGED');
  });

  test('not without a key of its own', async () => {
    const offboarding = await begun();
    await offboarding.launched();
    for (const version of [1, 2]) await offboarding.stage(version);
    await unchanged(offboarding, 'PLAN_CHANGED');
  });

  test('nor while an incident is open', async () => {
    const offboarding = await begun();
    await offboarding.staged();
    await opened.store.refused(offboarding.story.organization, 'KEY_DISABLED', null);
    await unchanged(offboarding, 'INCIDENT_OPEN');
  });

  test('nor without a guard, and under no customer’s key', async () => {
    const offboarding = await begun();
    await offboarding.launched();
    const { story } = offboarding;
    await expect(
      offboarding.stage(1, { custody: 'customer', connectionId: story.connectionId }),
    ).rejects.toEqual(refused('STAGE_MISMATCH'));
    const { guard: _guard, ...unguarded } = offboarding.switchRequest();
    await expect(opened.store.commit(unguarded)).rejects.toThrow(/needs a guard/);
  });
});

describe('inv12 it is opened', () => {
  test('by nobody unknown, nor by anything of ours', async () => {
    const offboarding = await begun();
    const attempt = offboarding.open('run', { kind: 'system', name: 'smsk' });
    await expect(attempt).rejects.toEqual(refused('FORBIDDEN'));
  });

  test('for no key that refuses', async () => {
    const offboarding = await begun();
    await opened.store.refused(offboarding.story.organization, 'KEY_DISABLED', null);
    await expect(offboarding.open()).rejects.toEqual(refused('INCIDENT_OPEN'));
  });

  test('for no custody but the customer’s', async () => {
    const offboarding = await begun();
    await offboarding.complete();
    await expect(offboarding.open('another')).rejects.toEqual(refused('NOT_CUSTOMER_CUSTODY'));
  });
});

test('abandoned, what was staged is erased, and its key is left to be retired: once, and on record', async () => {
  const offboarding = await begun();
  const { story } = offboarding;
  await offboarding.staged();
  const { id } = story.operation;
  expect(await opened.store.spareLeft(story.organization, id)).toBeNull();
  await story.cancel('live');
  expect(await opened.store.stagedEnvelopes(id)).toEqual([]);
  expect((await opened.store.openOperations()).map((each) => each.id)).toContain(id);
  expect(await opened.store.spareLeft(story.organization, id)).toMatchObject({ id, outcome: 'cancelled' });
  const change = {
    type: 'spare-platform-key-retired',
    keyRef: NEW_KEY,
    destroyedAt: '2030-01-01T00:00:00.000Z' as never,
  } as const;
  await story.step(change, 'closed', 'closed');
  expect((await story.current()).outcome).toBe('cancelled');
  expect(await opened.store.spareLeft(story.organization, id)).toBeNull();
  expect((await opened.store.openOperations()).map((each) => each.id)).not.toContain(id);
  expect(await found(offboarding)).toEqual([]);
});

test('what was switched to is no spare key', async () => {
  const offboarding = await begun();
  const { story } = offboarding;
  await offboarding.complete();
  const change = { type: 'spare-platform-key-retired', keyRef: NEW_KEY, destroyedAt: null } as const;
  await expect(story.step(change, 'closed', 'closed')).rejects.toEqual(refused('STAGE_MISMATCH'));
});

test('the former platform keys stay watched, the key in use is not among them', async () => {
  const offboarding = await begun();
  const { story } = offboarding;
  await offboarding.complete();
  const former = await opened.store.formerPlatformKeys([story.organization]);
  expect(former).toEqual([{ organization: story.organization, keyRef: PLATFORM_KEY }]);
  expect(await opened.store.probeSubjects([story.organization])).toEqual([]);
});

test('a spare key that nobody retired is watched', async () => {
  const offboarding = await begun();
  const { story } = offboarding;
  await offboarding.staged();
  await story.cancel('live');
  const keys = async () =>
    (await opened.store.formerPlatformKeys([story.organization])).map(({ keyRef }) => keyRef);
  expect(await keys()).toEqual([PLATFORM_KEY]);
  await opened.sql(`UPDATE operation SET stage_since = stage_since - interval '2 hours' WHERE id = $1`, [
    story.operation.id,
  ]);
  expect(await keys()).toEqual([PLATFORM_KEY, NEW_KEY]);
});

describe('audits find', () => {
  async function offboarded(): Promise<Offboarding> {
    const offboarding = await begun();
    await offboarding.complete();
    return offboarding;
  }
  test('an approval of the operator’s that nobody gave', async () => {
    const offboarding = await begun();
    const { story } = offboarding;
    await offboarding.planned();
    await opened.sql(`INSERT INTO operator_approval VALUES ($1, 4711, $2, $3, $4, 'mallory', 'a.b.c')`, [
      story.organization,
      story.operation.id,
      story.dryRunId,
      story.digest,
    ]);
    expect(await found(offboarding)).toMatchObject([{ table: 'operator_approval', row: '4711' }]);
  });

  test('custody that hides, or forges, what both sides approved', async () => {
    const offboarding = await offboarded();
    const { organization } = offboarding.story;
    await opened.sql(`UPDATE custody SET offboarded = NULL WHERE organization_id = $1`, [organization]);
    expect((await found(offboarding)).map(({ why }) => why)).toEqual(
      expect.arrayContaining([expect.stringMatching(/both sides approved/)]),
    );
  });
});

test('the organization is activated again, to be sealed by its new key', async () => {
  const offboarding = await begun();
  const { story } = offboarding;
  await offboarding.complete();
  await story.claim('run-2');
  await story.confirmEntitlement();
  await story.connect();
  await story.verify();
  await story.plan();
  const record = await opened.store.dryRun(story.operation.id, 'current');
  expect(record?.plan).toMatchObject({
    kind: 'activate',
    mint: 3,
    platformKey: { keyRef: NEW_KEY as KeyRef },
  });
  await story.review();
  await story.approve();
  await story.launch();
  for (const version of [1, 2, 3]) await story.stage(version, 'customer', version === 3);
  const { guard, ...request } = story.switchRequest();
  const change = { ...request.change, currentVersion: 3 as never } as typeof request.change;
  await opened.store.commit({ ...request, change, ...(guard === undefined ? {} : { guard }) });
  // Its own steps, in their order: the seal of the first activation is none of this one's.
  const envelopes = (await opened.store.platformEnvelopes(story.organization)).map(
    ({ version, wrappedSha256 }) => ({ version, wrappedSha256 }),
  );
  await expect(
    story.step({ type: 'platform-envelopes-erased', envelopes }, 'sealing', 'sealing'),
  ).rejects.toEqual(refused('STAGE_MISMATCH'));
  expect(await found(offboarding)).toEqual([]);
});
