import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_FILES } from '../../ledger/verify';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';

const README = 'README.txt';
/** Names come from a server: nothing else is written or read. */
const NAMES: ReadonlySet<string> = new Set([README, ...Object.values(BUNDLE_FILES)]);

/** Writes the bundle into a folder that is new or empty. @returns the names written. @throws Declined */
export function writeBundle(directory: string, files: Readonly<Record<string, string>>): string[] {
  mkdirSync(directory, { recursive: true });
  if (readdirSync(directory).length > 0)
    throw new Declined(
      `${directory} isn’t empty`,
      'give a new folder: two bundles in one prove nothing',
      EXIT.usage,
    );
  const names = Object.keys(files).filter((name) => NAMES.has(name));
  for (const name of names) writeFileSync(join(directory, name), files[name] ?? '', { flag: 'wx' });
  return names;
}

/** @throws Declined where there's no such folder. */
export function readBundle(directory: string): Map<string, Uint8Array> {
  let present: string[];
  try {
    present = readdirSync(directory);
  } catch {
    throw new Declined(`${directory} can’t be read`, 'give the folder of a bundle', EXIT.usage);
  }
  return new Map(
    present.filter((name) => NAMES.has(name)).map((name) => [name, readFileSync(join(directory, name))]),
  );
}
