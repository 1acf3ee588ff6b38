import type { LeasedProbe, ProbeKind, ProbeResult } from '../../store/contract';
import type { LaneDeps } from './deps';

/** Begins the probes of what was leased: one promise for each. One that rejects is left to its lease's end. */
export type Begin = (
  leased: readonly LeasedProbe[],
  signal: AbortSignal,
) => Promise<readonly Promise<ProbeResult>[]>;

export interface LaneReport {
  readonly probed: number;
  /** Of them, those that weren't clean. */
  readonly failed: number;
}

/** What can't be begun yet for a limit's sake is looked for again so soon. */
const HELD_BACK_MS = 250;

/**
 * Probes what is due until nothing is. Only what can be begun at once is leased, and what has ended frees its place at
 * once: so nothing waits behind a provider that hangs, and at a crash only what was under way is done again. What ends
 * while the last were being written is written together, so one statement serves the more the busier it is.
 */
export async function sweepLane(
  deps: LaneDeps,
  kind: ProbeKind,
  begin: Begin,
  signal: AbortSignal,
): Promise<LaneReport> {
  const { store, sweep, clock, logger } = deps;
  const { periodMs, slots, limits, leaseMs } = sweep[kind];
  const holder = deps.uuid();
  const endsAtMs = clock() + sweep.sliceMs;
  const flying = new Set<Promise<void>>();
  const landed: ProbeResult[] = [];
  const report = { probed: 0, failed: 0 };

  const fly = (probe: Promise<ProbeResult>): void => {
    const flight = probe
      .then((result) => void landed.push(result))
      .catch((error: unknown) => {
        const what = {
          event: 'probe.unsettled',
          kind,
          error: error instanceof Error ? error.name : typeof error,
        };
        if (!signal.aborted) logger.error(what, 'what a probe found couldn’t be recorded; it is done again');
      })
      .finally(() => flying.delete(flight));
    flying.add(flight);
  };
  const settle = async (): Promise<void> => {
    const results = landed.splice(0);
    report.failed += results.filter(({ code }) => code !== 'OK').length;
    report.probed += await store.settleProbes({ kind, holder }, periodMs, results);
  };

  await store.enrolProbes(kind, periodMs);
  try {
    for (;;) {
      const isOpen = clock() < endsAtMs;
      const count = slots - flying.size;
      const { probes, more } =
        isOpen && count > 0
          ? await store.leaseProbes({ kind, holder, leaseMs, limits, count })
          : { probes: [], more: isOpen };
      if (probes.length > 0) for (const probe of await begin(probes, signal)) fly(probe);
      if (flying.size === 0 && !more) return report;
      await nextLanding(deps, flying, more);
      await settle();
      signal.throwIfAborted();
    }
  } finally {
    await store.releaseProbes(holder);
  }
}

async function nextLanding({ pause }: LaneDeps, flying: Set<Promise<void>>, more: boolean): Promise<void> {
  if (!more) {
    await Promise.race(flying);
    return;
  }
  const waiting = new AbortController();
  const heldBack = pause(HELD_BACK_MS, waiting.signal).catch(() => undefined);
  await Promise.race([...flying, heldBack]);
  waiting.abort();
}
