import { Gauge, type Registry } from 'prom-client';

export interface AuditReadings {
  /** ISO 8601; `null`: never. */
  readonly completedAt: string | null;
  readonly findings: Readonly<Record<string, number>>;
}

/** Gauges of what the database knows of audits, read at each scrape. */
export function watchAudits(registry: Registry, read: () => Promise<AuditReadings>): void {
  const registers = [registry];
  new Gauge({
    name: 'smsk_audit_last_completed_seconds',
    help: 'When an audit of ledgers last came to its end, in seconds since the epoch; 0: never.',
    registers,
    async collect() {
      const now = await read().catch(() => null);
      if (now !== null) this.set(now.completedAt === null ? 0 : Date.parse(now.completedAt) / 1000);
    },
  });
  new Gauge({
    name: 'smsk_audit_findings',
    help: 'Ledgers that weren’t what was signed of them at their latest audit, by what was found.',
    labelNames: ['finding'] as const,
    registers,
    async collect() {
      const now = await read().catch(() => null);
      if (now === null) return;
      this.reset();
      for (const [finding, count] of Object.entries(now.findings)) this.set({ finding }, count);
    },
  });
}
