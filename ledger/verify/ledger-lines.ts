import type { JsonValue } from '../../domain/canonical';
import { LineScanner, parseObject } from './canonical-line';
import { HASH_BYTES, type Hasher } from './suite';
import { type LeafHashes, TreeStack } from './tree';

const NEWLINE = 0x0a;

/** An entry, parsed: what every entry has. The rest depends on its type. */
export interface LedgerEntry {
  readonly index: number;
  readonly type: string;
  readonly organization: string;
  readonly at: string;
  readonly operationId: string | null;
  readonly epoch: number | null;
  readonly body: { readonly [member: string]: JsonValue };
}

/** The lines of `entries.jsonl`: a leaf is exactly a line's bytes without its newline. */
export class LedgerLines {
  private constructor(
    private readonly file: Uint8Array,
    private readonly starts: readonly number[],
    private readonly types: readonly ({ start: number; end: number } | undefined)[],
    readonly leaves: LeafHashes,
    readonly root: Uint8Array,
    /** Positions of lines that aren't canonical JSON objects. */
    readonly notCanonical: readonly number[],
    /** Positions of lines whose `index` isn't their position. */
    readonly misnumbered: readonly number[],
    /** Whether the file ends in a newline, as it must. */
    readonly terminated: boolean,
  ) {}

  get count(): number {
    return this.starts.length;
  }

  /** One pass: lines, canonical form, leaf hashes, root. O(bytes). */
  static read(hasher: Hasher, entries: Uint8Array): LedgerLines {
    // A copy in which each line has a byte before it for the leaf's prefix: what was the newline before it.
    const file = new Uint8Array(1 + entries.length);
    file.set(entries, 1);
    const starts: number[] = [];
    const types: ({ start: number; end: number } | undefined)[] = [];
    const notCanonical: number[] = [];
    const misnumbered: number[] = [];
    const scanner = new LineScanner(file);
    const stack = new TreeStack(hasher);
    let leaves = new Uint8Array(1024 * HASH_BYTES);
    for (let start = 1; start < file.length; ) {
      const end = scanner.read(start);
      const position = starts.length;
      if ((position + 1) * HASH_BYTES > leaves.length) leaves = enlarged(leaves);
      // RFC 6962 §2.1: SHA-256(0x00 ‖ line).
      file[start - 1] = 0;
      hasher.hashInto(file.subarray(start - 1, end), leaves, position * HASH_BYTES);
      stack.append(leaves.subarray(position * HASH_BYTES, (position + 1) * HASH_BYTES));
      if (!scanner.canonical) notCanonical.push(position);
      if (scanner.index !== position) misnumbered.push(position);
      starts.push(start);
      types.push(scanner.typeAt);
      start = end + 1;
    }
    const size = starts.length * HASH_BYTES;
    const terminated = entries.length === 0 || entries[entries.length - 1] === NEWLINE;
    const root = stack.spendForRoot();
    return new LedgerLines(
      file,
      starts,
      types,
      leaves.subarray(0, size),
      root,
      notCanonical,
      misnumbered,
      terminated,
    );
  }

  line(position: number): Uint8Array {
    const start = this.starts[position] ?? this.file.length;
    const next = this.starts[position + 1] ?? this.file.length + (this.terminated ? 0 : 1);
    return this.file.subarray(start, Math.max(start, next - 1));
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
    return { index, type, organization, at, operationId, epoch, body };
  }

  /** The entries of these types, in order. O(lines) and a parse for each hit. */
  ofTypes(wanted: readonly string[]): LedgerEntry[] {
    const words = wanted.map((word) => [...word].map((char) => char.charCodeAt(0)));
    const found: LedgerEntry[] = [];
    this.types.forEach((type, position) => {
      if (type !== undefined && !words.some((word) => this.isWord(type, word))) return;
      const entry = this.entry(position);
      if (entry !== undefined && wanted.includes(entry.type)) found.push(entry);
    });
    return found;
  }

  private isWord({ start, end }: { start: number; end: number }, word: readonly number[]): boolean {
    if (end - start !== word.length) return false;
    for (let i = word.length - 1; i >= 0; i -= 1) if (this.file[start + i] !== word[i]) return false;
    return true;
  }
}

function enlarged(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
