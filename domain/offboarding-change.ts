import type { DryRunId, Instant, KeyRef, Sha256Hex } from './ids';

/** What offboardings are, beside what every operation is. */
export type OffboardingChange =
  /** A member of staff approved an offboarding's plan; `by` is the name in our API's signed word for it (compact JWS). */
  | {
      type: 'operator-approved';
      planDigest: Sha256Hex;
      dryRunId: DryRunId;
      by: string;
      proof: string;
    }
  /**
   * The new platform key of an offboarding that ended before its switch was scheduled for deletion; nothing live was ever
   * under it. `null`: none was made.
   */
  | { type: 'spare-platform-key-retired'; keyRef: KeyRef | null; destroyedAt: Instant | null };
