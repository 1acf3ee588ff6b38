import { parseTrust, type Trust } from '../../ledger/verify';
import { readTextFile } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { nodeSuite } from './suite';

/** The keys that a person got another way than with the bundle. @throws Declined for a file that isn't of such. */
export function trustIn(file: string): Trust {
  const text = readTextFile(file, 'the trust file');
  try {
    return parseTrust(nodeSuite, text);
  } catch (error) {
    throw new Declined(
      error instanceof SyntaxError ? error.message : 'the trust file can’t be read',
      'mend that line',
      EXIT.usage,
    );
  }
}
