/** Numbers that look random and are the same for the same seed (mulberry32): faults come again in the same order. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` up to, not including, `end`. */
  between(least: number, end: number): number {
    return least + Math.floor(this.next() * (end - least));
  }

  /** @throws Error where there is none */
  of<T>(values: readonly T[]): T {
    const value = values[this.between(0, values.length)];
    if (value === undefined) throw new Error('nothing to choose from');
    return value;
  }
}
