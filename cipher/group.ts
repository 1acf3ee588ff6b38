/**
 * Group unwrap: operations of one organization share calls to its provider.
 *
 * The rule that makes the customer's off-switch immediate (invariant 6): **an operation is served only by an
 * unwrap that was sent after the operation arrived.** Keeping an unwrapped key, or joining a call that is already
 * on its way, would both serve an operation with an authorization older than itself. So:
 *
 *     arrivals   a         b c  d              e   f          g
 *     calls      |----- 1: a -----|----- 2: b c d -----|----- 3: e f g -----|
 *
 * 1. With nothing in flight, a group is closed and sent at once (what arrives in the same turn shares it).
 * 2. While a group is in flight, arrivals wait, and the *next* group takes all of them.
 * 3. If the one in flight is older than 250 ms the next starts beside it, so that one hung call doesn't hold up
 *    an organization; two at most.
 *
 * A group is closed before anything is read or sent for it, and nothing joins a closed group: that one line
 * (`#close`) is the whole proof of the rule. The number of calls is bounded by round trips, whatever the load:
 * an operation waits at most the rest of one call and then its own.
 *
 * `coalesce: off` is the same machine with groups of one and many in flight.
 */
import type { Clock } from './clock';

export interface GroupRules {
  /** How many groups may be in flight. */
  readonly inFlight: number;
  /** How old the youngest group in flight must be before another starts beside it, in milliseconds. */
  readonly besideAfterMs: number;
  /** How many members a group may have. */
  readonly members: number;
}

export const COALESCED: GroupRules = {
  inFlight: 2,
  besideAfterMs: 250,
  members: Number.POSITIVE_INFINITY,
};
/** One call for each operation, for customers who want to see each in their log. */
export const ONE_CALL_EACH: GroupRules = { inFlight: 64, besideAfterMs: 0, members: 1 };

/** The queue of one organization. */
export class Lane<Member> {
  /** In order of arrival. */
  readonly #waiting = new Set<Member>();
  readonly #inFlight = new Set<{ readonly closedAt: number }>();
  #looksSoon = false;
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Read anew at each turn, so that a changed setting takes hold under load. */
    private readonly rules: () => GroupRules,
    /** Serves a closed group; settles, and never rejects, when its calls are answered. */
    private readonly send: (members: readonly Member[]) => Promise<void>,
    private readonly onIdle: () => void,
  ) {}

  arrive(member: Member): void {
    this.#waiting.add(member);
    this.#lookSoon();
  }

  /** A member that waits no more (its deadline has passed). One that was sent already is not affected. */
  leave(member: Member): void {
    this.#waiting.delete(member);
  }

  /** In the next turn, so that operations which arrive together share a group even when nothing is in flight. */
  #lookSoon(): void {
    if (this.#looksSoon) return;
    this.#looksSoon = true;
    void this.clock.turn().then(() => {
      this.#looksSoon = false;
      this.#sendWhatMay();
    });
  }

  #sendWhatMay(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const rules = this.rules();
    while (this.#waiting.size > 0 && this.#inFlight.size < rules.inFlight) {
      const wait = this.#untilBeside(rules.besideAfterMs);
      if (wait > 0) {
        this.#cancelTimer = this.clock.after(wait, () => this.#sendWhatMay());
        return;
      }
      this.#close(rules.members);
    }
    if (this.#waiting.size === 0 && this.#inFlight.size === 0) this.onIdle();
  }

  #untilBeside(besideAfterMs: number): number {
    let youngest = Number.NEGATIVE_INFINITY;
    for (const { closedAt } of this.#inFlight) youngest = Math.max(youngest, closedAt);
    return youngest + besideAfterMs - this.clock.now();
  }

  #close(size: number): void {
    const members: Member[] = [];
    for (const member of this.#waiting) {
      if (members.length >= size) break;
      members.push(member);
      this.#waiting.delete(member);
    }
    const flight = { closedAt: this.clock.now() };
    this.#inFlight.add(flight);
    // From here on the group is closed: whatever `send` reads or calls happens after every member's arrival.
    void this.send(members).then(() => {
      this.#inFlight.delete(flight);
      this.#lookSoon();
    });
  }
}
