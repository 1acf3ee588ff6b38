import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EXIT } from '../../exit-codes';
import { Declined } from '../../failure';
import { type Piece, Splitter } from './split';

const CHUNK_BYTES = 256 * 1024;

/**
 * The files of an export, in the order of their names: those given, and all below the folders given. Links are
 * followed only where they are given.
 * @throws Declined for what isn't there
 */
export function exportFiles(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    try {
      return statSync(path).isDirectory() ? below(path) : [path];
    } catch {
      throw new Declined(`${path} can’t be read`, 'give the file or folder of the log’s export', EXIT.usage);
    }
  });
  if (found.length === 0) throw new Declined('there is no file in the export', 'name its files', EXIT.usage);
  return [...new Set(found)].sort();
}

const below = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return below(path);
    return entry.isFile() && !entry.name.startsWith('.') ? [path] : [];
  });

/** The records of one file, gzipped or not, as they are read. A file that ends badly has that as its last piece. */
export async function* piecesOf(file: string): AsyncGenerator<readonly Piece[]> {
  const splitter = new Splitter();
  let line = 1;
  try {
    for await (const chunk of bytesOf(file)) {
      const pieces = splitter.feed(chunk);
      line = pieces.at(-1)?.line ?? line;
      yield pieces;
    }
    yield splitter.end();
  } catch {
    yield [{ line, wrong: 'can’t be read further' }];
  }
}

function bytesOf(file: string): AsyncIterable<Buffer> {
  const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  if (!isGzip(file)) return bytes;
  // Whoever reads the end of the pipe hears of its errors.
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
}

/** RFC 1952 §2.3.1 */
function isGzip(path: string): boolean {
  const head = new Uint8Array(2);
  const file = openSync(path, 'r');
  try {
    return readSync(file, head) === 2 && head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}
