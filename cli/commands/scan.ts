import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import type { Scanned } from '../scan/found';
import { scanBytes, scanFile } from '../scan/scan';
import { scanText } from '../words/scan';

/** `smsk scan [FILE…]` */
export const scan: AddCommand = (program, act) => {
  act(
    program
      .command('scan')
      .argument('[files...]', 'text, JSON or .eml mail; without one, or with -, standard input is read')
      .description('look for key material in tickets and mail; says where, never what; sends nothing'),
    look,
  );
};

async function look({ terminal }: Run, given: readonly string[]): Promise<Outcome> {
  const files = given.length === 0 ? ['-'] : given;
  const scanned: Scanned = { found: [], unread: [] };
  for (const file of files) {
    if (file === '-') await scanBytes(await terminal.readBytes(), '-', scanned);
    else await scanFile(file, scanned);
  }
  const { found, unread } = scanned;
  const exitCode = found.length > 0 ? EXIT.found : unread.length > 0 ? EXIT.failed : EXIT.ok;
  return {
    json: { files: files.length, found, notLookedInto: unread },
    text: scanText(scanned, files.length),
    exitCode,
  };
}
