import type { JsonValue } from '../../domain/canonical';
import { LineScanner, parseObject } from './canonical-line';
import { HASH_BYTES, type Hasher } from './suite';
import { type LeafHashes, TreeStack } from './tree';

const NEWLINE = 0x0a;
// Of this module: an import's value is asked for anew at each use.
const BYTES = HASH_BYTES;

/** An entry, parsed: what every entry has. The rest depends on its type. */
export interface LedgerEntry {
  readonly index: number;
  readonly type: string;
  readonly organization: string;
  readonly at: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly operationId: string | null;
  readonly epoch: number | null;
  readonly body: { readonly [member: string]: JsonValue };
}

interface Reading {
  readonly file: Uint8Array;
  /** Where each line begins, and where the text of its `type` begins and ends; -1 where only parsing tells. */
  readonly starts: readonly number[];
  readonly typeStarts: readonly number[];
  readonly typeEnds: readonly number[];
  readonly leaves: LeafHashes;
  readonly root: Uint8Array;
  readonly notCanonical: readonly number[];
  readonly misnumbered: readonly number[];
  readonly terminated: boolean;
}

/** The lines of `entries.jsonl`: a leaf is exactly a line's bytes without its newline. */
export class LedgerLines {
  private constructor(private readonly reading: Reading) {}

  get count(): number {
    return this.reading.starts.length;
  }
  get leaves(): LeafHashes {
    return this.reading.leaves;
  }
  get root(): Uint8Array {
    return this.reading.root;
  }
  /** Positions of lines that aren't canonical JSON objects. */
  get notCanonical(): readonly number[] {
    return this.reading.notCanonical;
  }
  /** Positions of lines whose `index` isn't their position. */
  get misnumbered(): readonly number[] {
    return this.reading.misnumbered;
  }
  /** Whether the file ends in a newline, as it must. */
  get terminated(): boolean {
    return this.reading.terminated;
  }

  /** One pass: lines, canonical form, leaf hashes, root. O(bytes). */
  static read(hasher: Hasher, entries: Uint8Array): LedgerLines {
    // A copy in which each line has a byte before it for the leaf's prefix: what was the newline before it.
    const file = new Uint8Array(1 + entries.length);
    file.set(entries, 1);
    const starts: number[] = [];
    const typeStarts: number[] = [];
    const typeEnds: number[] = [];
    const notCanonical: number[] = [];
    const misnumbered: number[] = [];
    const scanner = new LineScanner(file);
    const stack = new TreeStack(hasher);
    let leaves = new Uint8Array(1024 * BYTES);
    for (let start = 1; start < file.length; ) {
      const end = scanner.read(start);
      const position = starts.length;
      const leafAt = position * BYTES;
      if (leafAt + BYTES > leaves.length) leaves = enlarged(leaves);
      // RFC 6962 §2.1: SHA-256(0x00 ‖ line).
      file[start - 1] = 0;
      hasher.hashInto(file.subarray(start - 1, end), leaves, leafAt);
      stack.append(leaves, leafAt);
      if (!scanner.canonical) notCanonical.push(position);
      if (scanner.index !== position) misnumbered.push(position);
      starts.push(start);
      typeStarts.push(scanner.typeStart);
      typeEnds.push(scanner.typeEnd);
      start = end + 1;
    }
    return new LedgerLines({
      file,
      starts,
      typeStarts,
      typeEnds,
      leaves: leaves.subarray(0, starts.length * BYTES),
      root: stack.spendForRoot(),
      notCanonical,
      misnumbered,
      terminated: entries.length === 0 || entries[entries.length - 1] === NEWLINE,
    });
  }

  line(position: number): Uint8Array {
    const { file, starts, terminated } = this.reading;
    const start = starts[position] ?? file.length;
    const next = starts[position + 1] ?? file.length + (terminated ? 0 : 1);
    return file.subarray(start, Math.max(start, next - 1));
  }

  /** @returns `undefined` if there's no such line or it's no entry. */
  entry(position: number): LedgerEntry | undefined {
    const json = parseObject(this.line(position))?.json;
    if (json === undefined) return undefined;
    const { index, type, organization, at, operationId = null, epoch = null, body = {} } = json;
    if (typeof index !== 'number' || typeof type !== 'string') return undefined;
    if (typeof organization !== 'string' || typeof at !== 'string') return undefined;
    if (operationId !== null && typeof operationId !== 'string') return undefined;
    if (epoch !== null && typeof epoch !== 'number') return undefined;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
    return { index, type, organization, at, actor: actorIn(json['actor']), operationId, epoch, body };
  }

  /** The entries of these types, in order. O(lines) and a parse for each hit. */
  ofTypes(wanted: readonly string[]): LedgerEntry[] {
    const words = wanted.map((word) => [...word].map((char) => char.charCodeAt(0)));
    const found: LedgerEntry[] = [];
    this.reading.typeStarts.forEach((start, position) => {
      const end = this.reading.typeEnds[position] ?? start;
      if (start >= 0 && !words.some((word) => this.isWord(start, end, word))) return;
      const entry = this.entry(position);
      if (entry !== undefined && wanted.includes(entry.type)) found.push(entry);
    });
    return found;
  }

  private isWord(start: number, end: number, word: readonly number[]): boolean {
    return end - start === word.length && word.every((byte, i) => this.reading.file[start + i] === byte);
  }
}

function enlarged(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

/** Nobody, where it isn't of its form. */
function actorIn(value: JsonValue | undefined): LedgerEntry['actor'] {
  const { kind, name } =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value
      : ({} as Record<string, JsonValue>);
  return typeof kind === 'string' && typeof name === 'string' ? { kind, name } : { kind: '', name: '' };
}
