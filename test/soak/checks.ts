import { waitUntil } from '../../scripts/parts/wait';
import type { SoakWorld } from './world';

/** Recoveries probe every five minutes at the most; rotations and sealings are resumed within two. */
const QUIET_WITHIN_MS = 8 * 60_000;
/** A run continues as new before it has so many events. */
const MOST_EVENTS = 12_000;

/** Rows that no entry of the ledger explains (invariant 9). A connection that a fault has ended is asked for again. */
export async function violatedRows({ store }: SoakWorld, violated: (what: string) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      for (const row of await store.auditRows()) violated(`inv09 ${JSON.stringify(row)}`);
      return;
    } catch (error) {
      if (attempt === 5) return violated(`the audit of rows failed: ${String(error)}`);
    }
  }
}

/** With nothing in anybody's way: no incident stays open, no operation, and custody is the customer's. */
export async function endsWell(world: SoakWorld, violated: (what: string) => void): Promise<void> {
  const { store, subjects } = world;
  const open = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { prepared } of subjects) {
      const status = await store.status(prepared.name);
      if ((await store.openIncident(prepared.id)) !== null)
        found.push(`${prepared.name}: an incident is open`);
      if (status?.custody?.custody !== 'customer')
        found.push(`${prepared.name}: inv01 custody has left the customer`);
      const { rotation } = await store.keys(prepared.id);
      if (rotation !== null && rotation.outcome === null) found.push(`${prepared.name}: a rotation is open`);
    }
    return found;
  };
  if (!(await waitUntil(async () => (await open()).length === 0, QUIET_WITHIN_MS, 1_000))) {
    for (const each of await open()) violated(`at the end ${each}`);
  }
  await violatedRows(world, violated);
}

/** The longest history of each workflow type. */
export async function histories(
  { client }: SoakWorld,
  violated: (what: string) => void,
): Promise<Record<string, { readonly runs: number; readonly mostEvents: number }>> {
  const byType: Record<string, { runs: number; mostEvents: number }> = {};
  for await (const { type, historyLength } of client.workflow.list()) {
    const { runs, mostEvents } = byType[type] ?? { runs: 0, mostEvents: 0 };
    byType[type] = { runs: runs + 1, mostEvents: Math.max(mostEvents, historyLength) };
  }
  for (const [type, { mostEvents }] of Object.entries(byType)) {
    if (mostEvents > MOST_EVENTS) violated(`a history of ${type} has ${mostEvents} events`);
  }
  return byType;
}
