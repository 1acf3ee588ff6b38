import type { z } from 'zod';
import { credentialLocator } from '../domain/intake/credential-locator';
import { scanText } from '../domain/intake/key-material';
import { Declined, NEVER_SEND } from './failure';

/** What an option's value is, where its name alone doesn't say it as `labels` reads names. */
const MEANING: Readonly<Record<string, string>> = { '--credential': 'thumbprint' };
/** Where an option's value is of this grammar it isn't looked into: a version of a secret looks like a key. */
const JUDGED: Readonly<Record<string, z.ZodType>> = { '--locator': credentialLocator };
/** Bound to content, and as free as that. */
const CONTENT = '--context';

/**
 * Looks at a command line before anything reads it: help and error messages repeat what was typed.
 * @returns what is wrong, naming the option and nothing of its value; `null`: nothing
 */
export function argumentFault(argv: readonly string[]): Declined | null {
  let option = '';
  for (const [at, argument] of argv.entries()) {
    const [, name, joined] = /^(--[a-z-]{1,30})(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (name !== undefined && joined === undefined) {
      option = name;
      continue;
    }
    const owner = name ?? option;
    option = '';
    if (owner === CONTENT || JUDGED[owner]?.safeParse(joined ?? argument).success === true) continue;
    const [find] = scanText(joined ?? argument, { label: MEANING[owner] ?? owner });
    if (find !== undefined)
      return new Declined(
        `${owner || `argument ${at + 1}`}: ${find.detector}: this looks like key material; nothing was sent`,
        `${NEVER_SEND}. It stood in this machine’s process list, and stands in your shell’s history`,
      );
  }
  return null;
}
