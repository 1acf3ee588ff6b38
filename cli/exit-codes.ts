/** What `smsk` ends with. Stable: scripts decide by it. `smsk --help` prints this table. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  selfAttested: 3,
  refused: 4,
  unavailable: 5,
  found: 6,
  outside: 7,
  unmatched: 8,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done; for `evidence verify`: verified with trusted keys from outside the bundle',
  1: 'failed: evidence that doesn’t verify, or something unexpected',
  2: 'the command was not used as its help says',
  3: 'evidence is consistent, but SELF-ATTESTED: no trusted keys from outside were given',
  4: 'refused: the answer says what to mend',
  5: 'not available now: no connection, no worker, or the key’s provider can’t be used',
  6: '`scan`: something that looks like key material or a credential was found',
  7: '`evidence reconcile`: the key was used by somebody whom the signed ledger knows nothing of',
  8: '`evidence reconcile`: no use from outside was found, but not everything could be compared, or the log lacks a call',
};
