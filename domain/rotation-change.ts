import type { Instant, KeyRef, KeyVersion, Sha256Hex } from './ids';
import type { RotationCause } from './rotation';

/** What rotations are, beside what every operation is; and the end of whatever leaves envelopes of the customer's behind. */
export type RotationChange =
  /**
   * A rotation takes the lock: every live envelope is wrapped anew under `to`, and `mint`, where there's one, is the
   * workspace key's next version. Reads and writes go on under `from` until the switch.
   */
  | {
      type: 'rotation-launched';
      from: KeyRef;
      to: KeyRef;
      rewrap: readonly KeyVersion[];
      mint: KeyVersion | null;
    }
  /** Another operation holds the lock: this rotation ends, and is due when that one has ended. */
  | { type: 'rotation-postponed'; cause: RotationCause; newKeyVersion: boolean }
  /**
   * The end of a rotation: what was live before it is erased. No live envelope needs a key of `retired` any more; a
   * backup of the database may, until `backupsExpireAt`.
   */
  | {
      type: 'superseded-envelopes-erased';
      envelopes: readonly { version: KeyVersion; wrappedSha256: Sha256Hex; keyRef: KeyRef }[];
      retired: readonly KeyRef[];
      backupsExpireAt: Instant;
    };
