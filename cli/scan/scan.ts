import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { keyStore } from '../../domain/intake/key-material';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import type { Scanned } from './found';
import { HEAD_BYTES, kindOf } from './kind';
import { scanMail } from './mail';
import { findsIn } from './text';

/** What has to be taken apart is read whole, so it has a limit; text has none. */
const MOST_WHOLE_BYTES = 32 * 1024 * 1024;
/** A mail in a mail in a mail. */
const DEEPEST = 4;

/** @throws Declined where it can't be read */
export async function scanFile(path: string, into: Scanned): Promise<void> {
  const { head, size } = beginningOf(path);
  const { kind } = kindOf(head, path);
  if (kind === 'text' && keyStore(head) === null) {
    const pieces = createReadStream(path, { encoding: 'utf8' });
    for (const find of await findsIn(pieces, basename(path)))
      into.found.push({ file: path, part: null, ...find });
    return;
  }
  if (size > MOST_WHOLE_BYTES) {
    into.unread.push({ file: path, part: null, why: 'over 32 MiB, and not plain text' });
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path)) chunks.push(chunk as Buffer);
  await scanBytes(Buffer.concat(chunks), path, into);
}

/** @param file as it's named in what is found */
export async function scanBytes(bytes: Uint8Array, file: string, into: Scanned): Promise<void> {
  await look(bytes, basename(file), null, into, 0);

  async function look(
    inner: Uint8Array,
    name: string,
    part: string | null,
    scanned: Scanned,
    depth: number,
  ): Promise<void> {
    const store = keyStore(inner);
    if (store !== null) {
      scanned.found.push({ file, part, line: 1, detector: store, length: inner.length });
      return;
    }
    const { kind, what } = kindOf(inner.subarray(0, HEAD_BYTES), name);
    const unread = (why: string) => void scanned.unread.push({ file, part, why });
    switch (kind) {
      case 'image':
        return;
      case 'unreadable':
        return unread(what);
      case 'mail':
        if (depth >= DEEPEST) return unread('mail in mail, too deep');
        return scanMail(inner, file, part, scanned, (bytes, inside, place, to) =>
          look(bytes, inside, place, to, depth + 1),
        ).catch(() => unread('a mail that can’t be taken apart'));
      case 'utf-16':
      case 'text': {
        const encoding = kind === 'text' ? 'utf-8' : inner[0] === 0xfe ? 'utf-16be' : 'utf-16le';
        for (const find of await findsIn([new TextDecoder(encoding).decode(inner)], name))
          scanned.found.push({ file, part, ...find });
        return;
      }
      default: {
        const unknown: never = kind;
        throw new Error(`unknown kind ${String(unknown)}`);
      }
    }
  }
}

function beginningOf(path: string): { head: Uint8Array; size: number } {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new Declined(`${path} is a directory`, 'name the files', EXIT.usage);
    const head = new Uint8Array(HEAD_BYTES);
    const file = openSync(path, 'r');
    try {
      return { head: head.subarray(0, readSync(file, head)), size: stat.size };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof Declined) throw error;
    throw new Declined(`${path} can’t be read`, 'check its path and that you may read it', EXIT.usage);
  }
}
