import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { customerKeys } from '../../activities/sweep/customer-keys';
import { sweepLane } from '../../activities/sweep/lane';
import { sweepSettings } from '../../activities/sweep/settings';
import { waitUntil } from '../../scripts/parts/wait';
import type { ProbeResult } from '../../store';
import { type Opened, openStore } from './support/opened';
import type { Story } from './support/story';
import { allDue, inCustody, sweeping } from './support/sweep';

const KIND = 'customer-key';
const PERIOD_MS = 300_000;
const LIMITS = sweepSettings()[KIND].limits;
const COUNT = 12;

let opened: Opened;
let stories: readonly Story[];
beforeAll(async () => {
  opened = await openStore();
  stories = await inCustody(opened.store, COUNT);
  await opened.store.enrolProbes(KIND, PERIOD_MS);
}, 120_000);
afterAll(() => opened.close());
beforeEach(async () => {
  await opened.sql('UPDATE probe SET leased_at = NULL, leased_until = NULL, leased_by = NULL, failures = 0');
  await allDue(opened.sql);
});

const lease = (holder: string, more: Partial<Parameters<Opened['store']['leaseProbes']>[0]> = {}) =>
  opened.store.leaseProbes({ kind: KIND, holder, leaseMs: 60_000, limits: LIMITS, count: COUNT, ...more });
const ids = (probes: readonly { organization: string }[]) => probes.map(({ organization }) => organization);
const clean = (organization: string): ProbeResult => ({
  organization: organization as ProbeResult['organization'],
  code: 'OK',
  failures: 0,
  thorough: false,
  findings: [],
});
const settle = (holder: string, organizations: readonly string[]) =>
  opened.store.settleProbes({ kind: KIND, holder }, PERIOD_MS, organizations.map(clean));
/** As if so much time had passed for every lease. */
const expire = (holder: string) =>
  opened.sql(`UPDATE probe SET leased_until = clock_timestamp() - interval '1 ms' WHERE leased_by = $1`, [
    holder,
  ]);

test('everybody in customer custody is enrolled once, each at a moment of its own within the period', async () => {
  await opened.store.enrolProbes(KIND, PERIOD_MS);
  const rows = await opened.sql<{ phase: string }>(
    `SELECT ('x' || substr(md5(organization_id::text), 1, 8))::bit(32)::bigint::text AS phase FROM probe WHERE kind = $1`,
    [KIND],
  );
  expect(rows).toHaveLength(COUNT);
  expect(new Set(rows.map(({ phase }) => phase)).size).toBe(COUNT);
});

test('two that lease at once never hold the same one, and together hold all', async () => {
  const [a, b] = await Promise.all([lease(randomUUID(), { count: 7 }), lease(randomUUID(), { count: 7 })]);
  const rest = await lease(randomUUID());
  const all = [...ids(a.probes), ...ids(b.probes), ...ids(rest.probes)];
  expect(all).toHaveLength(COUNT);
  expect(new Set(all).size).toBe(COUNT);
});

test('what a dead holder had is leased again after its lease’s end, and its late answer counts for nothing', async () => {
  const dead = randomUUID();
  const held = ids((await lease(dead, { count: 5 })).probes);
  expect(await settle(dead, held.slice(0, 2))).toBe(2);
  const living = randomUUID();
  const others = ids((await lease(living)).probes);
  expect(others).toHaveLength(COUNT - 5);
  await expire(dead);
  const again = ids((await lease(living)).probes);
  expect(new Set(again)).toEqual(new Set(held.slice(2)));
  expect(await settle(dead, held.slice(2))).toBe(0);
  expect(await settle(living, again)).toBe(3);
});

test('the next turn is the organization’s own moment, and sooner after a first failure', async () => {
  const holder = randomUUID();
  const [first = '', second = ''] = ids((await lease(holder, { count: 2 })).probes);
  await opened.store.settleProbes({ kind: KIND, holder }, PERIOD_MS, [
    clean(first),
    { ...clean(second), code: 'NETWORK', failures: 1 },
  ]);
  const rows = await opened.sql<{ organization_id: string; in_ms: number; off: number }>(
    `SELECT organization_id, (extract(epoch FROM due_at - probed_at) * 1000)::float8 AS in_ms,
       abs(mod((extract(epoch FROM due_at) / 300)::numeric, 1)
         - ('x' || substr(md5(organization_id::text), 1, 8))::bit(32)::bigint / 4294967296.0)::float8 AS off
     FROM probe WHERE organization_id = ANY($1::uuid[])`,
    [[first, second]],
  );
  const of = (id: string) => rows.find(({ organization_id }) => organization_id === id);
  expect(of(first)?.in_ms).toBeGreaterThan(0);
  expect(of(first)?.in_ms).toBeLessThanOrEqual(PERIOD_MS);
  expect(of(first)?.off).toBeLessThan(0.001);
  expect(of(second)?.in_ms).toBe(PERIOD_MS / 10);
});

test('an account has no more under way, and begins no more in a second, than its limits say; others go on', async () => {
  const [, , , four] = stories.map(({ organization }) => organization);
  await opened.sql(`UPDATE probe SET account = 'big' WHERE organization_id <> $1`, [four]);
  await opened.sql(`UPDATE probe SET due_at = due_at - interval '1 hour' WHERE account = 'big'`);
  try {
    const holder = randomUUID();
    const limits = { perAccount: 3, perAccountSecond: 100, troubled: 100 };
    const leased = ids((await lease(holder, { limits })).probes);
    expect(leased).toHaveLength(4);
    expect(leased).toContain(four);
    // The big account is full: nobody of it, though all of it is due longest.
    expect((await lease(holder, { limits })).probes).toEqual([]);
    expect((await lease(holder, { limits })).more).toBe(true);
    await settle(holder, leased);
    // Their places are free again, but so many have begun within this second.
    await opened.sql(
      `UPDATE probe SET leased_at = clock_timestamp() + interval '1 hour' WHERE account = 'big' AND due_at > clock_timestamp()`,
    );
    const perSecond = { perAccount: 100, perAccountSecond: 4, troubled: 100 };
    expect((await lease(holder, { limits: perSecond })).probes).toHaveLength(1);
  } finally {
    await opened.sql('DELETE FROM probe');
    await opened.store.enrolProbes(KIND, PERIOD_MS);
  }
});

test('those that failed last time take at most their share', async () => {
  await opened.sql('UPDATE probe SET failures = 1 WHERE organization_id = ANY($1::uuid[])', [
    stories.slice(0, 8).map(({ organization }) => organization),
  ]);
  const limits = { perAccount: 8, perAccountSecond: 20, troubled: 2 };
  const { probes, more } = await lease(randomUUID(), { limits });
  expect(probes.filter(({ failures }) => failures > 0)).toHaveLength(2);
  expect(probes).toHaveLength(6);
  expect(more).toBe(true);
});

test('over random crashes and sweeps at once, nobody is skipped and nobody is held twice', async () => {
  const step = fc.record({
    holder: fc.integer({ min: 0, max: 2 }),
    what: fc.constantFrom('lease', 'settle', 'die', 'release'),
    count: fc.integer({ min: 1, max: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      await opened.sql('UPDATE probe SET leased_at = NULL, leased_until = NULL, leased_by = NULL');
      await allDue(opened.sql);
      const holders = Array.from({ length: 3 }, () => ({ id: randomUUID(), held: new Set<string>() }));
      const probed = new Map<string, number>();
      const turn = async ({ holder: nth, what, count }: (typeof steps)[number]) => {
        const holder = holders[nth];
        if (holder === undefined) throw new Error('no such holder');
        if (what === 'lease') {
          for (const id of ids((await lease(holder.id, { count })).probes)) {
            expect(holders.some(({ held }) => held.has(id))).toBe(false);
            holder.held.add(id);
          }
          return;
        }
        if (what === 'settle') {
          const some = [...holder.held].slice(0, count);
          expect(await settle(holder.id, some)).toBe(some.length);
          for (const id of some) {
            holder.held.delete(id);
            probed.set(id, (probed.get(id) ?? 0) + 1);
          }
          return;
        }
        if (what === 'die') await expire(holder.id);
        else await opened.store.releaseProbes(holder.id);
        holder.held.clear();
        holder.id = randomUUID();
      };
      for (const each of steps) await turn(each);
      // Whoever still is at it dies; one that is left takes the rest.
      for (const [holder] of holders.entries()) await turn({ holder, what: 'die', count: 1 });
      await turn({ holder: 0, what: 'lease', count: COUNT });
      await turn({ holder: 0, what: 'settle', count: COUNT });
      expect(probed.size).toBe(COUNT);
      expect([...probed.values()].every((times) => times === 1)).toBe(true);
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('two sweeps at once probe everybody once', async () => {
  const { deps, prober } = sweeping(opened.store);
  const signal = new AbortController().signal;
  const reports = await Promise.all([1, 2].map(() => sweepLane(deps, KIND, customerKeys(deps), signal)));
  expect(reports.reduce((sum, { probed }) => sum + probed, 0)).toBe(COUNT);
  expect([...prober.asked].sort()).toEqual(stories.map(({ organization }) => organization).sort());
});

test('a provider that hangs keeps nobody from their turn', async () => {
  // Eight of one account, which enrolling would tell apart again.
  const { deps, prober } = sweeping(
    { ...opened.store, enrolProbes: async () => undefined },
    { [KIND]: { ...sweepSettings()[KIND], slots: 4, limits: { ...LIMITS, perAccount: 2 } } },
  );
  const hanging = stories.slice(0, 8).map(({ organization }) => organization);
  await opened.sql(
    `UPDATE probe SET account = 'hanging', due_at = due_at - interval '1 hour' WHERE organization_id = ANY($1::uuid[])`,
    [hanging],
  );
  const ending = new AbortController();
  for (const organization of hanging)
    prober.answers.set(
      organization,
      (within) => new Promise((_, reject) => within.addEventListener('abort', reject)),
    );
  try {
    const healthy = stories.slice(8).map(({ organization }) => organization);
    const lane = sweepLane(deps, KIND, customerKeys(deps), ending.signal);
    const isProbed = async () => {
      const [row] = await opened.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM probe WHERE due_at > clock_timestamp() AND organization_id = ANY($1::uuid[])`,
        [healthy],
      );
      return row?.n === healthy.length;
    };
    expect(await waitUntil(isProbed, 5_000)).toBe(true);
    expect(prober.asked.filter((organization) => hanging.includes(organization))).toHaveLength(2);
    ending.abort();
    await expect(lane).rejects.toThrow();
    // What was under way is given back, and nothing is said of it.
    const [row] = await opened.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM probe WHERE leased_by IS NOT NULL',
    );
    expect(row?.n).toBe(0);
    const [failed] = await opened.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM probe WHERE failures > 0',
    );
    expect(failed?.n).toBe(0);
  } finally {
    await opened.store.enrolProbes(KIND, PERIOD_MS);
  }
});
