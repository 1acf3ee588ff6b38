import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Records kept in memory; older ones are read from the file, if there is one. */
const inMemory = 200_000;
/** Sequence numbers promised in advance, so that a killed process never gives one out twice. */
const promised = 10_000;
const flushEveryMs = 50;

/**
 * The append-only trail: one JSON record per line in `trail.jsonl`. Lines are written in batches, and at once
 * after a change of state; a killed process can lose the last batch of plain uses, but no number is used again.
 */
export class Trail<Row extends { readonly sequence: number }> {
  readonly #file: string | undefined;
  readonly #ceilingFile: string | undefined;
  #records: Row[] = [];
  #unwritten: Row[] = [];
  #last = 0;
  #ceiling = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(dir: string | undefined) {
    if (dir === undefined) {
      this.#ceiling = Number.MAX_SAFE_INTEGER;
      return;
    }
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#file = join(dir, 'trail.jsonl');
    this.#ceilingFile = join(dir, 'trail.sequence');
    this.#records = this.#fromFile().slice(-inMemory);
    const promisedBefore = existsSync(this.#ceilingFile)
      ? Number(readFileSync(this.#ceilingFile, 'utf8'))
      : 0;
    this.#last = Math.max(this.#records.at(-1)?.sequence ?? 0, promisedBefore);
    this.#ceiling = this.#last;
  }

  /** Number of the last record; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** @param durable whether the record must be on disk before this returns */
  append(record: Omit<Row, 'sequence'>, durable: boolean): number {
    const sequence = this.#last + 1;
    if (sequence > this.#ceiling) this.#promise();
    this.#last = sequence;
    const numbered = { sequence, ...record } as Row;
    this.#records.push(numbered);
    if (this.#records.length > inMemory * 1.25) this.#records = this.#records.slice(-inMemory);
    if (this.#file === undefined) return sequence;
    this.#unwritten.push(numbered);
    if (durable) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), flushEveryMs);
    return sequence;
  }

  /** Records with a sequence greater than `after`, oldest first. */
  since(after: number): readonly Row[] {
    const first = this.#records[0]?.sequence ?? 0;
    if (this.#file !== undefined && after + 1 < first) {
      this.flush();
      return this.#fromFile().filter((r) => r.sequence > after);
    }
    return this.#records.slice(firstAfter(this.#records, after));
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#file === undefined || this.#unwritten.length === 0) return;
    const lines = this.#unwritten.map((r) => `${JSON.stringify(r)}\n`).join('');
    this.#unwritten = [];
    appendFileSync(this.#file, lines, { mode: 0o600 });
  }

  /** After this the numbers go on without a gap at the next start. */
  close(): void {
    this.flush();
    if (this.#ceilingFile !== undefined)
      writeFileSync(this.#ceilingFile, String(this.#last), { mode: 0o600 });
  }

  #promise(): void {
    this.#ceiling = this.#last + promised;
    if (this.#ceilingFile !== undefined)
      writeFileSync(this.#ceilingFile, String(this.#ceiling), { mode: 0o600 });
  }

  #fromFile(): Row[] {
    if (this.#file === undefined || !existsSync(this.#file)) return [];
    const text = readFileSync(this.#file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    // A line cut by a kill would swallow the next one.
    if (whole.length < text.length) writeFileSync(this.#file, whole);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  }
}

function firstAfter(records: readonly { readonly sequence: number }[], after: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.sequence ?? 0) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
