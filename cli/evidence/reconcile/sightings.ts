import type { ProviderRecord } from './provider-record';

/** Records that are told one by one: the earliest. */
const MOST_TOLD = 100;
/** Callers that are counted each by themselves. */
const MOST_GROUPS = 1_000;

/** One caller's calls of one operation. Times in milliseconds. */
export interface Group {
  readonly principal: string;
  readonly operation: string;
  readonly source: string;
  count: number;
  firstMs: number;
  lastMs: number;
}

/**
 * Counts records that are nobody's but the provider's, each once: by caller, operation and source, with the earliest
 * in full. What it holds doesn't grow with the export but by a digest of each.
 */
export class Sightings {
  count = 0;
  /** Counted, and in no group: there were too many. */
  ungrouped = 0;
  readonly #groups = new Map<string, Group>();
  #told: ProviderRecord[] = [];

  add(record: ProviderRecord): void {
    this.count += 1;
    this.#group(record);
    this.#told.push(record);
    if (this.#told.length >= 2 * MOST_TOLD) this.#told = this.told();
  }

  /** The earliest records, in order. */
  told(): ProviderRecord[] {
    return this.#told.toSorted(byTime).slice(0, MOST_TOLD);
  }

  /** Those with most calls first. */
  groups(): Group[] {
    const text = ({ principal, operation, source }: Group) => `${principal}\n${operation}\n${source}`;
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || (text(a) < text(b) ? -1 : 1));
  }

  #group({ principal, operation, source, atMs }: ProviderRecord): void {
    const name = `${principal}\n${operation}\n${source}`;
    const group = this.#groups.get(name);
    if (group !== undefined) {
      group.count += 1;
      group.firstMs = Math.min(group.firstMs, atMs);
      group.lastMs = Math.max(group.lastMs, atMs);
    } else if (this.#groups.size < MOST_GROUPS) {
      this.#groups.set(name, { principal, operation, source, count: 1, firstMs: atMs, lastMs: atMs });
    } else this.ungrouped += 1;
  }
}

export const byTime = (a: ProviderRecord, b: ProviderRecord): number =>
  a.atMs - b.atMs || (a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0);
