/** How often each operation was asked for, and what came of it. `outcome` is `ok` or an error code. */
export class Counters {
  readonly #counts = new Map<string, Map<string, number>>();

  add(operation: string, outcome: string): void {
    const outcomes = this.#counts.get(operation) ?? new Map<string, number>();
    this.#counts.set(operation, outcomes);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }

  /** `{"kms:Decrypt": {"ok": 12, "DisabledException": 1}}` */
  read(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.#counts].map(([operation, outcomes]) => [operation, Object.fromEntries(outcomes)]),
    );
  }
}
