import { Gauge, type Registry } from 'prom-client';

/** Gauge of the ledgers that this process found not to be as they were signed, read at each scrape. */
export function watchLedgers(
  registry: Registry,
  closed: () => readonly { readonly relation: string }[],
): void {
  new Gauge({
    name: 'smsk_ledgers_behind',
    help: 'Ledgers that don’t continue what was signed of them: behind (a restored backup) or forked (another past).',
    labelNames: ['relation'] as const,
    registers: [registry],
    collect() {
      const found = closed();
      for (const relation of ['behind', 'forked'])
        this.set({ relation }, found.filter((each) => each.relation === relation).length);
    },
  });
}
