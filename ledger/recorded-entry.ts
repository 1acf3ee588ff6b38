import type { Actor } from '../domain/actor';
import type { Change } from '../domain/change';
import { sha256Hex, sha256OfText } from '../domain/digest';
import type { Sha256Hex } from '../domain/ids';
import { BY_DIGEST, type EntryFrame, entryBytes } from '../domain/ledger-entry';
import type { LedgerText } from '../domain/ports/publication';
import { fromBase64, sameBytes, toUtf8 } from './verify/encoding';

/** An entry read back: the change that it is of, with what it has by digest only. */
export interface RecordedEntry {
  readonly frame: EntryFrame;
  readonly change: Change;
  /** Bytes that it names and that weren't kept: in their place are none. */
  readonly missing: readonly Sha256Hex[];
}

/** Kinds of texts that are bytes. */
const BINARY: ReadonlySet<string> = new Set(['envelope', 'canary']);

interface Line {
  readonly type: string;
  readonly actor: Actor;
  readonly body: object;
}

/**
 * Inverse of `entryBytes`. Of the texts only those count whose digest the line names; whoever wrote others among them has
 * written in vain.
 * @param line as the ledger has it, of a tree whose head was signed: a commit of ours wrote it
 * @throws Error where a text is missing, or the line isn't what its change comes to
 */
export function readEntry(line: string, texts: readonly LedgerText[]): RecordedEntry {
  const { type, actor, body, ...place } = JSON.parse(line) as Line & Omit<EntryFrame, 'actor'>;
  const kept = new Map<string, Uint8Array | string>(
    texts.flatMap(({ kind, text }): [string, Uint8Array | string][] => {
      const bytes = BINARY.has(kind) ? fromBase64(text) : undefined;
      return bytes === undefined ? [[sha256OfText(text), text]] : [[sha256Hex(bytes), bytes]];
    }),
  );
  const missing: Sha256Hex[] = [];
  const change = { type, ...(named(body, kept, missing) as object) } as Change;
  const frame: EntryFrame = { ...place, actor };
  if (missing.length === 0 && !sameBytes(entryBytes(frame, change), toUtf8(line)))
    throw new Error(`entry ${place.index} isn't what its change comes to`);
  return { frame, change, missing };
}

function named(
  value: unknown,
  kept: ReadonlyMap<string, Uint8Array | string>,
  missing: Sha256Hex[],
): unknown {
  if (Array.isArray(value)) return value.map((each) => named(each, kept, missing));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value);
  const [only] = members;
  if (members.length === 1 && only?.[0] === 'sha256') {
    const bytes = kept.get(String(only[1]));
    if (bytes instanceof Uint8Array) return bytes;
    missing.push(only[1] as Sha256Hex);
    return new Uint8Array();
  }
  return Object.fromEntries(
    members.flatMap(([name, member]): [string, unknown][] => {
      const text = /^(.*)Sha256$/.exec(name)?.[1] ?? '';
      if (!BY_DIGEST.has(text)) return [[name, named(member, kept, missing)]];
      const found = kept.get(String(member));
      if (typeof found !== 'string') throw new Error(`the text of ${name} wasn't kept`);
      // An approval's evidence stands beside its digest in the change itself.
      return text === 'evidence'
        ? [
            [text, found],
            [name, member],
          ]
        : [[text, found]];
    }),
  );
}
