import { type EndsParts, endsIn } from '../domain/credential-ends';
import type { Metrics } from '../runtime/metrics';
import type { Store } from '../store/contract';

const DAY_MS = 86_400_000;
/** One organization's credentials are looked at for no longer. */
const WITHIN_MS = 10_000;

export interface DaysLeftParts extends EndsParts {
  readonly store: Pick<Store, 'organizationsWithReferences' | 'references'>;
  /** Ends of the certificates of our own apps, milliseconds since the epoch; `null`: it can't be read. */
  readonly certificates: () => readonly { readonly clientId: string; readonly expiresAtMs: number | null }[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly metrics: Pick<Metrics, 'credentialDays' | 'certificateDays'>;
}

/**
 * How many days each credential has left, for alerts: every entry that counts, and the certificates of our own apps.
 * What is withdrawn has no row any more; where an organization's can't be found out, its rows stay as they were.
 * @throws whatever the last organization failed with whose entries couldn't be read
 */
export async function recordDaysLeft(parts: DaysLeftParts): Promise<void> {
  const { store, certificates, clock, metrics } = parts;
  const daysTo = (endMs: number) => (endMs - clock()) / DAY_MS;
  metrics.certificateDays.reset();
  for (const { clientId, expiresAtMs } of certificates())
    metrics.certificateDays.set({ app: clientId }, expiresAtMs === null ? 0 : daysTo(expiresAtMs));

  const failed: unknown[] = [];
  for (const { id, name: organization } of await store.organizationsWithReferences()) {
    try {
      const found = await endsIn(parts, id, AbortSignal.timeout(WITHIN_MS));
      await forget(metrics.credentialDays, organization);
      for (const { entry, endMs } of found)
        metrics.credentialDays.set({ organization, name: entry.name }, daysTo(endMs));
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];
}

async function forget(gauge: Metrics['credentialDays'], organization: string): Promise<void> {
  const { values } = await gauge.get();
  for (const { labels } of values) if (labels.organization === organization) gauge.remove(labels);
}
