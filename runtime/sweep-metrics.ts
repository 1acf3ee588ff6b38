import { Gauge, type Registry } from 'prom-client';

export interface SweepReadings {
  /** ISO 8601; `null`: never. */
  readonly completedAt: string | null;
  readonly lagMs: number;
  readonly standing: Readonly<Record<string, number>>;
}

/**
 * Gauges of what the database knows of sweeps, read at each scrape: the same from every worker, and after a restart.
 * While it can't be read they keep what they said.
 */
export function watchSweeps(registry: Registry, read: () => Promise<SweepReadings>): void {
  let reading: Promise<SweepReadings | null> | null = null;
  const readings = () => {
    reading ??= read()
      .catch(() => null)
      .finally(() => {
        reading = null;
      });
    return reading;
  };
  const registers = [registry];
  new Gauge({
    name: 'smsk_sweep_last_completed_seconds',
    help: 'When a sweep of customers’ keys last came to its end, in seconds since the epoch; 0: never.',
    registers,
    async collect() {
      const now = await readings();
      if (now !== null) this.set(now.completedAt === null ? 0 : Date.parse(now.completedAt) / 1000);
    },
  });
  new Gauge({
    name: 'smsk_sweep_lag_seconds',
    help: 'How long the probe that is overdue the longest has been due.',
    registers,
    async collect() {
      const now = await readings();
      if (now !== null) this.set(now.lagMs / 1000);
    },
  });
  new Gauge({
    name: 'smsk_drift_warnings',
    help: 'Findings of probes that stand, by code.',
    labelNames: ['code'] as const,
    registers,
    async collect() {
      const now = await readings();
      if (now === null) return;
      this.reset();
      for (const [code, count] of Object.entries(now.standing)) this.set({ code }, count);
    },
  });
}
