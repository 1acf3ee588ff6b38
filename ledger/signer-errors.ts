/** Why the signer won't sign. None of these goes away by asking again. */
export const SIGNER_REFUSALS = {
  WRONG_ORIGIN: 'the origin is not one of this deployment',
  ROLLBACK: 'the head is smaller than the one signed last: the database is behind',
  NOT_CONSISTENT: 'no consistency proof connects the head to the one signed last',
  EPOCH_BELOW_FLOOR: 'the statement belongs to an epoch that a later operation ended',
  WRONG_STATEMENT: 'not a statement of that kind',
  NOT_OURS: 'not a custody statement signed by this signer',
} as const;
export type SignerRefusalCode = keyof typeof SIGNER_REFUSALS;

/** What the signer's door answers by itself. */
export const DOOR_REFUSALS = [
  'UNAUTHORIZED',
  'NOT_FOUND',
  'BAD_REQUEST',
  'STATE_UNKNOWN',
  'INTERNAL',
] as const;
export const EVERY_REFUSAL: readonly string[] = [...Object.keys(SIGNER_REFUSALS), ...DOOR_REFUSALS];

export class SignerRefused extends Error {
  override readonly name = 'SignerRefused';
  constructor(readonly code: SignerRefusalCode) {
    super(`${code}: ${SIGNER_REFUSALS[code]}`);
  }
}

/**
 * The signer didn't answer in time or can't be reached. It may have done the work: repeat the same request; every
 * one of them gives the same answer twice.
 */
export class SignerUnavailable extends Error {
  override readonly name = 'SignerUnavailable';
}
