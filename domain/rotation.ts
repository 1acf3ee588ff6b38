import { type Connection, isAzure } from './connection';
import type { KeyRef, KeyVersion } from './ids';
import { isVersionOf } from './intake/azure';

/** Why an organization's envelopes are wrapped anew. */
export const ROTATION_CAUSES = ['request', 'provider-key-version', 'age', 'volume'] as const;
export type RotationCause = (typeof ROTATION_CAUSES)[number];

/** What a rotation is to do: wrap anew, and with `newKeyVersion` also mint the next version of the workspace key. */
export interface RotationAsk {
  readonly cause: RotationCause;
  /** The words of whoever asked. */
  readonly reason: string | null;
  readonly newKeyVersion: boolean;
}

/** As somebody has asked for it. */
export const requested = (reason: string | null, newKeyVersion: boolean): RotationAsk => ({
  cause: 'request',
  reason,
  newKeyVersion,
});

/** When a workspace key gets its next version though nobody asks: whatever comes first. */
export interface RotationRule {
  readonly maxAgeDays: number;
  /** Encrypts and decrypts since the version was minted. */
  readonly maxOperations: number;
}
export const ROTATION_RULE: RotationRule = { maxAgeDays: 90, maxOperations: 1_000_000_000 };

/** How long the operator's backups of the database are kept, unless the configuration says otherwise. */
export const BACKUP_RETENTION_DAYS = 35;

/**
 * Whether a rotation may wrap under `to`: another version of the connection's key at Azure, the very same key at
 * AWS, which turns its material over behind one ARN. Anything else is another key: a change of connection.
 */
export function mayWrapUnder(connection: Connection, from: KeyRef, to: KeyRef): boolean {
  return isAzure(connection) ? isVersionOf(to, connection.input.key) : from === to;
}

/** The next version of a workspace key. */
export const nextVersion = (versions: readonly KeyVersion[]): KeyVersion =>
  (Math.max(0, ...versions) + 1) as KeyVersion;
