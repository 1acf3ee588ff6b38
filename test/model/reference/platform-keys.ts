import { demand } from './entry';

/** What is known of the operator's key that custody is under, or was last: the only order there is. */
const ENDS = ['used', 'switched', 'disabled', 'sealed', 'erased', 'scheduled'] as const;
type End = (typeof ENDS)[number];

/** The operator's keys of one organization, one after the other, as the ledger tells their lives. */
export class PlatformKeys {
  /** The one that custody is under, or was last. */
  #present: string | null = null;
  #end: End = 'used';
  /** Those before it, and those that were made for an offboarding which didn't come to its switch. */
  readonly #gone = new Set<string>();

  get end(): End {
    return this.#end;
  }

  isPresent = (keyRef: string): boolean => keyRef === this.#present;
  isAtLeast = (end: End): boolean => ENDS.indexOf(this.#end) >= ENDS.indexOf(end);

  goesTo(end: End): void {
    const [from, to] = [ENDS.indexOf(this.#end), ENDS.indexOf(end)];
    // Again: it was found alive; or somebody took a step of the sealing that another one was taking.
    demand(to === from + 1 || to === from, `platform key: ${end} after ${this.#end}`);
    this.#end = end;
  }

  /** Made by an operation: no key that there was before. */
  demandNew(keyRef: string): void {
    demand(
      !this.isPresent(keyRef) && !this.#gone.has(keyRef),
      'a platform key was made that there was before',
    );
  }

  /** Custody comes to a key that it never was under. */
  comesTo(keyRef: string): void {
    this.demandNew(keyRef);
    if (this.#present !== null) {
      demand(this.#end === 'scheduled', 'back to the platform while its former key lives');
      this.#gone.add(this.#present);
    }
    this.#present = keyRef;
    this.#end = 'used';
  }

  retires(keyRef: string): void {
    demand(!this.isPresent(keyRef), 'the platform key in use was retired');
    this.#gone.add(keyRef);
  }

  /**
   * What each key's service says of it. Before the switch nothing takes the present key away, because it's what every read
   * needs; from the seal on it's dead, and stays so.
   * @param states of all keys that were ever made for the organization. @throws Violation
   */
  demandStates(states: ReadonlyMap<string, string>): void {
    for (const [keyRef, state] of states) {
      if (this.#gone.has(keyRef)) demand(state === 'pending-deletion', 'a former platform key lives');
      if (!this.isPresent(keyRef)) continue;
      if (this.#end === 'used')
        demand(state === 'enabled', 'the platform’s key was disabled before the switch');
      if (this.isAtLeast('sealed')) demand(state !== 'enabled', 'a platform key is enabled after the seal');
      if (this.isAtLeast('scheduled'))
        demand(state === 'pending-deletion', 'a sealed key isn’t going to be deleted');
    }
  }

  /** Fair weather, and everything at its end: nothing of ours is left alive but what custody is under. @throws Violation */
  demandNoSpare(states: ReadonlyMap<string, string>): void {
    for (const [keyRef, state] of states)
      if (!this.isPresent(keyRef))
        demand(state === 'pending-deletion', 'a platform key lives that nothing is under');
  }
}
