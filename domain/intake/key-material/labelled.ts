import type { TextFind } from './find';
import { inUrl, isWithin, type Span } from './harmless';
import { isMixed } from './randomness';

/** A name that says secret, and what is given for it. */
const GIVEN =
  /(?<![\p{L}\p{N}:])((?:client|app|application|shared|consumer|webhook|signing)[ _-]?secret|secret[ _-]?(?:access[ _-]?)?key|(?:access|refresh|session|auth|api|id|sas)[ _-]?token|(?:api|access|account|primary|secondary|storage|encryption|master|wrapping|private|shared|data)[ _-]?key|secret|passphrase|password|passwort|kennwort|pwd|mot de passe|geheimnis|schl\u00fcssel)(?:[ _-]?value| \(value\))?["'\\]{0,3}\s{0,4}(?:[:=]|=>|ist|is|lautet|est)\s{0,4}["'\\]{0,3}([^\s"'\\,;<>]{16,200})/giu;

/**
 * Random texts of any length under a secret's own name. Shorter ones, and such that could be words, aren't taken for
 * one: help desks write about passwords all day.
 */
export function findLabelled(text: string, taken: readonly Span[]): TextFind[] {
  const finds: TextFind[] = [];
  for (const match of text.matchAll(GIVEN)) {
    const [whole, , value = ''] = match;
    const at = match.index + whole.length - value.length;
    if (isWithin(taken, at, at + value.length) || inUrl(text, at) === 'identifier') continue;
    if (/^[\w+/=.~-]+$/.test(value) && isMixed(value, 0.42) && !/^(?:https?|arn|urn):/.test(value))
      finds.push({ detector: 'labelled-secret', at, length: value.length });
  }
  return finds;
}
