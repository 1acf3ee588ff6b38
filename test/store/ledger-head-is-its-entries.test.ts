import fc from 'fast-check';
import { SYSTEM } from '../../domain/actor';
import type { Code } from '../../domain/codes';
import type { OrganizationId } from '../../domain/ids';
import { nodeSuite } from '../../ledger/node/suite';
import { originOf } from '../../ledger/verify/checkpoint';
import { frontierFromBytes, rootOf } from '../../ledger/verify/frontier';
import { concatHashes, leafHash, rootOfLeaves } from '../../ledger/verify/tree';
import { minuteRound } from '../../workers/every-minute';
import { answerLost, lostBefore } from './support/faults';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { refused, Story, utf8 } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

type What = 'order' | 'refusal' | 'claim' | 'close';

async function recomputed(story: Story) {
  const lines = await opened.store.ledgerLines(story.organization, 0, 10_000);
  const leaves = lines.map(({ entry }) => leafHash(nodeSuite, utf8(entry)));
  expect(await opened.store.leafHashes(story.organization)).toEqual(
    leaves.map((leaf) => Uint8Array.from(leaf)),
  );
  return { size: lines.length, root: rootOfLeaves(nodeSuite, concatHashes(leaves)) };
}

test('after any concurrent commits, refusals and claims, with any faults: head = frontier = recomputed root', async () => {
  const faulty = opened.another(lostBefore(3));
  const silent = opened.another(answerLost(5));
  const stores = [opened.store, faulty, silent];
  const doings = fc.array(
    fc.record({
      store: fc.constantFrom(0, 1, 2),
      what: fc.constantFrom<What>('order', 'refusal', 'claim', 'close'),
      n: fc.nat(3),
    }),
    { minLength: 1, maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(doings, async (list) => {
      const story = await Story.at(opened.store, 'entitlement');
      const { organization, name } = story;
      await Promise.allSettled(
        list.map(({ store, what, n }) => {
          const on = stores[store] ?? opened.store;
          switch (what) {
            case 'order':
              return on.commit({ ...story.unfenced(story.orderChange(n + 2)), idempotencyKey: `order ${n}` });
            case 'refusal':
              return on.recordRefusal({
                organization,
                subject: 'order',
                code: 'ORDER_EXPIRED' as Code,
                actor: SYSTEM,
              });
            case 'claim':
              return on.claim({
                organization: name,
                kind: 'activate',
                claimant: `other-${n}`,
                actor: SYSTEM,
              });
            case 'close':
              return on.commit(
                story.request(
                  { type: 'operation-closed', outcome: 'cancelled', reason: null },
                  'entitlement',
                  'closed',
                ),
              );
            default: {
              const unknown: never = what;
              throw new Error(`unknown ${String(unknown)}`);
            }
          }
        }),
      );
      const expected = await recomputed(story);
      const head = await opened.store.ledgerHead(organization);
      expect(head.size).toBe(expected.size);
      expect(Buffer.from(head.root)).toEqual(Buffer.from(expected.root));
      const [row] = await opened.sql<{ size: number; frontier: Buffer }>(
        'SELECT size, frontier FROM ledger_head WHERE organization_id = $1',
        [organization],
      );
      const frontier = frontierFromBytes(row?.frontier ?? Buffer.alloc(0));
      expect([row?.size, frontier.size]).toEqual([expected.size, expected.size]);
      expect(Buffer.from(rootOf(nodeSuite, frontier))).toEqual(Buffer.from(expected.root));
    }),
    { numRuns: 15 },
  );
});

test('a checkpoint signs the present head and continues the last one, kept or not', async () => {
  const story = await Story.at(opened.store, 'entitlement');
  const { organization } = story;
  const first = await opened.store.publishCheckpoint(organization);
  expect(await opened.store.publishCheckpoint(organization)).toBe(first);
  await story.confirmEntitlement();
  const second = await opened.store.publishCheckpoint(organization);
  const head = await opened.store.ledgerHead(organization);
  expect(second.split('\n').slice(0, 2)).toEqual([originOf(DEPLOYMENT, organization), String(head.size)]);
  expect(await opened.store.latestCheckpoint(organization)).toEqual({ size: head.size, note: second });

  // The signer's head is one whose note we have lost: the proof is made from all leaves.
  await opened.sql('ALTER TABLE checkpoint DISABLE TRIGGER append_only; DELETE FROM checkpoint');
  await opened.sql('ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER append_only');
  await story.connect();
  expect(await opened.store.publishCheckpoint(organization)).not.toBe(second);
});

test('heads of many at once are those of each, and which of them wait for a signature is one question', async () => {
  const [signed, grown, never] = [
    await Story.at(opened.store, 'entitlement'),
    await Story.at(opened.store, 'entitlement'),
    await Story.created(opened.store),
  ] as const;
  const stories = [signed, grown, never].map(({ organization }) => organization);
  const unknown = 'ffffffff-ffff-4fff-8fff-ffffffffffff' as OrganizationId;
  for (const { organization } of [signed, grown]) await opened.store.publishCheckpoint(organization);
  await grown.confirmEntitlement();
  const heads = await opened.store.ledgerHeads([...stories, unknown]);
  expect([...heads.keys()].sort()).toEqual([...stories].sort());
  for (const organization of stories)
    expect(heads.get(organization)).toEqual(await opened.store.ledgerHead(organization));
  const waiting = async () => {
    const unsigned = await opened.store.unsignedLedgers();
    return stories.filter((organization) => unsigned.includes(organization));
  };
  expect(await waiting()).toEqual([grown.organization, never.organization]);
  // The minute's round signs also what it has itself appended.
  await opened.store.refused(signed.organization, 'KEY_DISABLED', null);
  await minuteRound(opened.store, { ask: async () => ({ result: 'passes' }) } as never);
  expect((await opened.store.openIncident(signed.organization))?.openedIndex).not.toBeNull();
  expect(await waiting()).toEqual([]);
});

test('a database behind the signer’s head gets no checkpoint', async () => {
  const story = await Story.at(opened.store, 'entitlement');
  const lastHead = async () => ({ size: 1_000, root: new Uint8Array(32) });
  const ahead = opened.another(undefined, { ...opened.signer, lastHead } as typeof opened.signer);
  await expect(ahead.publishCheckpoint(story.organization)).rejects.toEqual(refused('LEDGER_BEHIND'));
});
