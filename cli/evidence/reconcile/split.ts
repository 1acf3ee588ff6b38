/** One JSON object of an export, or what is there instead. */
export type Piece =
  | { readonly line: number; readonly json: object }
  | { readonly line: number; readonly wrong: string };

/** CloudTrail's largest event is 1 MB. */
const MOST_BYTES = 1024 * 1024;
/** How exports begin that hold their records in one array: log files, event hubs, `lookup-events`, the REST APIs. */
const WRAPPER = /^\{\s{0,64}"(?:Records|records|Events|value)"\s{0,64}:\s{0,64}\[/;
const WRAPPER_BYTES = 256;
/** What may still become one. */
const BEGUN = /^\{\s{0,64}(?:"(?:\w{0,7}|\w{1,7}"\s{0,64}(?::\s{0,64})?))?$/;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Takes an export apart into its records as its bytes come: objects one a line, objects in an array, or in the array
 * that a wrapping object begins with; any number of these in a row. What is no JSON costs its line and nothing after
 * it. Holds one record, at most 1 MiB. Time is linear in the bytes.
 */
export class Splitter {
  #held: Buffer = Buffer.alloc(0);
  /** Position in `held` up to which it was looked at; before it, from `#start` on, is the unfinished record. */
  #at = 0;
  #start = 0;
  #line = 1;
  #startLine = 1;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** In the array of a wrapper or at the top. */
  #inArray = false;
  #arrayIsWrapped = false;
  /** What is read isn't wanted: the rest of a wrapper, of a line that is no JSON, of a record that is too long. */
  #skipping: 'nothing' | 'wrapper' | 'line' | 'record' = 'nothing';

  /** @returns what `bytes` completed, in order */
  feed(bytes: Buffer): Piece[] {
    const rest = this.#held.subarray(this.#start);
    this.#at -= this.#start;
    this.#start = 0;
    this.#held = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    return this.#pieces(false);
  }

  /** @returns what is left when no more bytes come */
  end(): Piece[] {
    const pieces = this.#pieces(true);
    const isUnfinished = this.#inArray || this.#depth > 0;
    return isUnfinished ? [...pieces, { line: this.#line, wrong: 'cut off' }] : pieces;
  }

  #pieces(isLast: boolean): Piece[] {
    const found: Piece[] = [];
    while (this.#at < this.#held.length) {
      if (this.#skipping === 'line') this.#skipLine();
      else if (this.#depth > 0) this.#inside(found);
      else if (!this.#between(found, isLast)) break;
    }
    if (this.#depth === 0 || this.#skipping !== 'nothing') this.#start = this.#at;
    else if (this.#at - this.#start > MOST_BYTES) {
      found.push({ line: this.#startLine, wrong: 'over 1 MiB' });
      this.#skipping = 'record';
      this.#start = this.#at;
    }
    return found;
  }

  /** Between records. @returns false where more bytes are needed to tell what begins here */
  #between(found: Piece[], isLast: boolean): boolean {
    const byte = this.#held[this.#at];
    if (byte === NEWLINE) this.#line += 1;
    if (byte === NEWLINE || isBlank(byte) || (byte === COMMA && this.#inArray)) {
      this.#at += 1;
      return true;
    }
    if (byte === OPEN_OBJECT) {
      if (!this.#inArray) {
        const head = this.#held.toString('latin1', this.#at, this.#at + WRAPPER_BYTES);
        if (!isLast && BEGUN.test(head)) return false;
        const wrapper = WRAPPER.exec(head)?.[0];
        if (wrapper !== undefined) {
          this.#line += wrapper.split('\n').length - 1;
          this.#at += wrapper.length;
          this.#inArray = true;
          this.#arrayIsWrapped = true;
          return true;
        }
      }
      this.#begin('nothing');
    } else if (byte === OPEN_ARRAY && !this.#inArray) {
      this.#inArray = true;
      this.#arrayIsWrapped = false;
      this.#at += 1;
    } else if (byte === CLOSE_ARRAY && this.#inArray) {
      this.#inArray = false;
      if (this.#arrayIsWrapped) this.#begin('wrapper');
      else this.#at += 1;
    } else this.#broken(found, this.#line);
    return true;
  }

  /** A bracket is behind us. */
  #begin(skipping: 'nothing' | 'wrapper'): void {
    this.#start = this.#at;
    this.#startLine = this.#line;
    this.#at += 1;
    this.#depth = 1;
    this.#skipping = skipping;
  }

  /** On to the end of the record, or of what is there of it. */
  #inside(found: Piece[]): void {
    const held = this.#held;
    const { length } = held;
    // A text has no line's end in it, and a record of its own is on one line.
    const mayHaveLines = this.#inArray || this.#skipping === 'wrapper';
    let [at, depth, isInString, isEscaped] = [this.#at, this.#depth, this.#isInString, this.#isEscaped];
    let isBroken = false;
    for (; at < length && depth > 0; at += 1) {
      const byte = held[at];
      if (byte === NEWLINE) {
        isBroken = isInString || !mayHaveLines;
        if (isBroken) break;
        this.#line += 1;
      } else if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    }
    [this.#at, this.#depth, this.#isInString, this.#isEscaped] = [at, depth, isInString, isEscaped];
    if (isBroken) this.#broken(found, this.#startLine);
    else if (depth === 0) this.#complete(found);
  }

  #complete(found: Piece[]): void {
    const isWanted = this.#skipping === 'nothing';
    this.#skipping = 'nothing';
    if (!isWanted) return;
    const text = this.#held.toString('utf8', this.#start, this.#at);
    const line = this.#startLine;
    if (this.#at - this.#start > MOST_BYTES) return void found.push({ line, wrong: 'over 1 MiB' });
    try {
      found.push({ line, json: JSON.parse(text) as object });
    } catch {
      if (this.#inArray) found.push({ line, wrong: 'not JSON' });
      else this.#broken(found, line);
    }
  }

  /** No JSON here: said once, and read on from the next line. */
  #broken(found: Piece[], line: number): void {
    if (this.#skipping !== 'record') found.push({ line, wrong: 'not JSON' });
    this.#skipping = 'line';
    this.#depth = 0;
    this.#inArray = false;
    this.#isInString = false;
    this.#isEscaped = false;
  }

  #skipLine(): void {
    const newline = this.#held.indexOf(NEWLINE, this.#at);
    if (newline >= 0) this.#skipping = 'nothing';
    this.#at = newline < 0 ? this.#held.length : newline;
  }
}
