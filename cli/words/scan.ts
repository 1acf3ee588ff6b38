import type { Found, Scanned, Unread } from '../scan/found';
import { table } from './table';

const place = ({ file, part }: Pick<Unread, 'file' | 'part'>): string =>
  part === null ? file : `${file} (${part})`;

/** One line for each find: where, detector, length. */
export function scanText({ found, unread }: Scanned, files: number): string {
  const rows = found.map((one: Found) => [`${place(one)}:${one.line}`, one.detector, String(one.length)]);
  const notes = unread.map((one) => `not looked into: ${place(one)}: ${one.why}\n`);
  const what = files === 1 ? '1 file' : `${files} files`;
  const end =
    found.length > 0
      ? `${found.length} found in ${what}: delete them where they came in, and tell the sender to replace what was real\n`
      : `nothing found in ${what}\n`;
  return `${rows.length === 0 ? '' : `${table(rows)}\n`}${notes.join('')}${end}`;
}
