import { randomUUID } from 'node:crypto';
import { type ConnectionId, instantOf } from '../../domain/ids';
import { planDigest, planOf } from '../../domain/plan';
import { custodyStatement } from '../../domain/statement';
import { type Opened, openStore } from './support/opened';
import { PLATFORM_KEY, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const payload = (jws: string) =>
  JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as object;

test('a whole activation leaves one entry per change, in order, and rows the ledger explains', async () => {
  const story = await Story.at(opened.store, 'handoff');
  await story.handOff();

  const lines = await opened.store.ledgerLines(story.organization, 0, 100);
  const entries = lines.map((line) => JSON.parse(line.entry) as { index: number; type: string; at: string });
  expect(entries.map((entry) => entry.type)).toEqual([
    'organization-created',
    'operation-opened',
    'platform-key-created',
    'envelope-staged',
    'custody-switched',
    'order-accepted',
    'operation-opened',
    'entitlement-confirmed',
    'connection-submitted',
    'verification-recorded',
    'dry-run-recorded',
    'dry-run-reviewed',
    'approval-accepted',
    'live-launched',
    'envelope-staged',
    'envelope-staged',
    'custody-switched',
    'platform-key-disabled',
    'platform-key-probed',
    'platform-key-probed',
    'platform-key-probed',
    'platform-sealed',
    'platform-envelopes-erased',
    'platform-key-deletion-scheduled',
    'live-entered',
    'handoff-recorded',
  ]);
  expect(entries.map((entry) => entry.index)).toEqual(entries.map((_, i) => i));
  const times = entries.map((entry) => entry.at);
  expect([...times].sort()).toEqual(times);
  expect(await opened.store.auditRows()).toEqual([]);
  expect(await opened.store.statements(story.organization)).toHaveLength(6);
});

test('status says what stands', async () => {
  const story = await Story.at(opened.store, 'sealing');
  const sealing = await opened.store.status(story.name);
  expect(sealing).toMatchObject({
    posture: 'normal',
    custody: { custody: 'customer', sealing: true, currentVersion: 2 },
    operation: { stage: 'sealing', holdsLock: true, reviewed: true, approved: true },
    connection: { pinnedKeyRef: story.input.key },
  });
  await story.seal();
  await story.handOff();
  expect(await opened.store.status(story.name)).toMatchObject({
    custody: { custody: 'customer', sealing: false },
    operation: { stage: 'closed', outcome: 'completed', holdsLock: false },
    platformKey: { keyRef: PLATFORM_KEY, destroyedAt: instantOf(2_000_000_000_000) },
    ledgerSize: 26,
    handoff: { contacts: [{ name: 'Ada' }], runbook: ['https://example.com/r'] },
  });
  const status = await opened.store.status(story.name);
  expect(status?.platformKey?.sealedAt).not.toBeNull();
});

test('the custody statement names exactly the live envelopes, its own entry and its epoch', async () => {
  const story = await Story.at(opened.store, 'sealing');
  const status = await opened.store.status(story.name);
  const statement = custodyStatement.parse(payload(status?.custody?.statement ?? ''));
  const live = await opened.store.liveEnvelopes(story.organization);
  expect(live.map(({ version }) => version)).toEqual([1, 2]);
  expect(statement).toMatchObject({
    custody: 'customer',
    epoch: story.operation.epoch,
    keyRef: story.input.key,
    envelopes: Object.fromEntries(live.map(({ version, wrappedSha256 }) => [version, wrappedSha256])),
    ledgerIndex: 16,
  });
  expect(await opened.signer.epochFloor(story.organization)).toBe(story.operation.epoch);
});

test('plan facts read again have the same digest, until something they name changes', async () => {
  const story = await Story.at(opened.store, 'dry-run');
  await story.plan();
  const recomputed = async () => {
    const record = await opened.store.dryRun(story.operation.id, story.dryRunId);
    const facts = await opened.store.planFacts(story.operation.id);
    return planDigest(planOf(facts, story.dryRunId, record?.plan?.computedAt ?? instantOf(0)));
  };
  expect(await recomputed()).toBe(story.digest);
  await story.verify('dry-run', 'dry-run');
  expect(await recomputed()).not.toBe(story.digest);
  expect(await opened.store.dryRun(story.operation.id, 'current')).toBeNull();
});

test('a verification that came to nothing leaves its entry alone: plan, approval and stage stand', async () => {
  const story = await Story.at(opened.store, 'live');
  const before = await opened.store.status(story.name);
  const impeded = (connectionId: ConnectionId) =>
    story.step(
      {
        type: 'verification-impeded',
        connectionId,
        code: 'OUR_IDENTITY',
        owner: 'operator',
        requestId: null,
      },
      'live',
      'live',
    );
  await impeded(story.connectionId);
  expect(await opened.store.status(story.name)).toEqual({
    ...before,
    ledgerSize: (before?.ledgerSize ?? 0) + 1,
  });
  await expect(impeded(randomUUID() as ConnectionId)).rejects.toMatchObject({ code: 'STAGE_MISMATCH' });
  expect(await opened.store.auditRows()).toEqual([]);
});
