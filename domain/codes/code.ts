/** Who can mend it; `operator` is us. */
export const OWNERS = ['customer', 'provider', 'operator'] as const;
export type Owner = (typeof OWNERS)[number];
/**
 * How the cipher and the incident workflow behave: `fast` backs off in seconds, `slow` polls for recovery (10 s
 * to 5 min, for ever), `once` refreshes and retries once, `never` waits for a changed configuration.
 */
export type RetryPolicy = 'fast' | 'slow' | 'once' | 'never';
/** What it does to the organization's data. */
export type Effect = 'unreadable' | 'no-rotation' | 'setup-blocked' | 'none';

export interface CodeEntry {
  readonly owner: Owner;
  readonly retry: RetryPolicy;
  readonly effect: Effect;
  /** What happened, one sentence, for the person who gets it. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What an {@link Effect} means for the data, in words. */
export const EFFECT_TEXT: Readonly<Record<Effect, string>> = {
  unreadable:
    'Encrypted data of this organization can be neither read nor written until it is mended; nothing is lost.',
  'no-rotation': 'Reads and writes go on; rotation and activation are blocked until it is mended.',
  'setup-blocked':
    'Nothing changed: data stays as it was, and the arrangement can’t go on until it is mended.',
  none: 'Nothing changed.',
};
