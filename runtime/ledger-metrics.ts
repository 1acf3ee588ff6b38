import { Gauge, type Registry } from 'prom-client';

interface Closed {
  readonly relation: string;
  readonly organization: { readonly id: string };
}

/**
 * Gauge of the ledgers that this process found not to be as they were signed, read at each scrape.
 * @param leftClosed ids of organizations of which that is known and stays so
 */
export function watchLedgers(
  registry: Registry,
  closed: () => readonly Closed[],
  leftClosed: readonly string[],
): void {
  new Gauge({
    name: 'smsk_ledgers_behind',
    help: 'Ledgers that don’t continue what was signed of them: behind (a restored backup), forked (another past), or left-closed (the configuration says that it stays so).',
    labelNames: ['relation'] as const,
    registers: [registry],
    collect() {
      const found = closed().map(({ relation, organization }) =>
        leftClosed.includes(organization.id) ? 'left-closed' : relation,
      );
      for (const relation of ['behind', 'forked', 'left-closed'])
        this.set({ relation }, found.filter((each) => each === relation).length);
    },
  });
}
