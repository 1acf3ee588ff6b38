import { MESSAGE_LIMIT } from './contract/messages';
import { refused } from './failures';

/** Deeper than any message of ours, and shallow enough for every recursion: a thrown RangeError would jam the run. */
const DEEPEST = 16;

export function isShallow(value: unknown, levels = DEEPEST): boolean {
  if (value === null || typeof value !== 'object') return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}

export const isShort = (message: unknown): boolean => (JSON.stringify(message) ?? '').length <= MESSAGE_LIMIT;

export const TOO_DEEP = refused('INPUT_INVALID', 'the input: is nested too deeply');
export const TOO_LONG = refused('INPUT_TOO_LARGE', `a message has at most ${MESSAGE_LIMIT} characters`);
