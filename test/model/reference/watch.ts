import type { Pool } from 'pg';
import type { World } from '../world/world';
import { Reference } from './custody';
import { demand, type Entry } from './entry';
import { digestOfEntries, type Facts, parsed, readFacts } from './facts';
import { demandNoWayAround, judge } from './invariants';
import { follow } from './rules';

/** Follows one organization's ledger with the reference, and looks whether all else is as it says. */
export class Watch {
  readonly reference: Reference;
  readonly #entries: string[] = [];

  constructor(
    private readonly owner: Pool,
    private readonly world: World,
  ) {
    this.reference = new Reference((decision, digest) => world.signed.has(`${decision}/${digest}`));
  }

  /** @returns the entries since the last look. @throws Violation */
  async look(): Promise<{ readonly facts: Facts; readonly entries: readonly Entry[] }> {
    await this.world.quiet();
    const facts = await readFacts(this.owner, this.world.id, this.#entries.length);
    demand(facts.before === digestOfEntries(this.#entries), 'the ledger’s past has changed');
    const entries = facts.entries.map(parsed);
    for (const entry of entries) follow(this.reference, entry);
    this.#entries.push(...facts.entries);
    demand(facts.size === this.#entries.length, 'the ledger’s head isn’t its entries');
    await judge(this.world, this.reference, facts);
    // What was there before the first look happened at other times.
    if (facts.before !== null) demandNoWayAround(entries, facts);
    return { facts, entries };
  }

  get entries(): readonly string[] {
    return this.#entries;
  }
}
