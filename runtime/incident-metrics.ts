import { Gauge, type Registry } from 'prom-client';

export interface IncidentReadings {
  /** By owner. */
  readonly open: Readonly<Record<string, number>>;
  readonly untoldMs: number;
  /** Histories that have to go, and haven't. */
  readonly intake: number;
}

/**
 * Gauges of what the database knows of open incidents, read at each scrape: the same from every worker. While it can't
 * be read they keep what they said.
 */
export function watchIncidents(registry: Registry, read: () => Promise<IncidentReadings>): void {
  const registers = [registry];
  const untold = new Gauge({
    name: 'smsk_incident_untold_seconds',
    help: 'How long ago the incident began that has waited the longest for its recovery to be started; 0: none waits.',
    registers,
  });
  const intake = new Gauge({
    name: 'smsk_open_intake_incidents',
    help: 'Workflow histories that hold what came past the codec, and aren’t deleted yet.',
    registers,
  });
  new Gauge({
    name: 'smsk_open_incidents',
    help: 'Open incidents, by who can mend them (unknown: not found out yet).',
    labelNames: ['owner'] as const,
    registers,
    async collect() {
      const now = await read().catch(() => null);
      if (now === null) return;
      untold.set(now.untoldMs / 1000);
      intake.set(now.intake);
      for (const [owner, count] of Object.entries(now.open)) this.set({ owner }, count);
    },
  });
}
