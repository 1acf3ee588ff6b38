import type { Standing, Step } from '../../activities/step';
import type { Code } from '../../domain/codes';
import type { Finding } from '../../domain/finding';
import { type Instant, instantOf, type OrganizationName } from '../../domain/ids';
import type { RotationStep } from '../contract/status';

/** All that one run of `rotateCustomerKey` knows; where it stands is the store's word. */
export interface Rotation {
  readonly organization: OrganizationName;
  /** The longest that an encrypt or decrypt may be under way. */
  fenceMs: number;
  /** `null` until the operation is claimed. */
  standing: Standing | null;
  /** The run that holds the epoch. */
  claimant: string;
  step: RotationStep | null;
  findings: readonly Finding[];
  trouble: { readonly code: Code; readonly text: string; readonly at: Instant } | null;
  /** Search attributes as last written: each write is an event in the history. */
  published: string;
}

export const newRotation = (organization: OrganizationName): Rotation => ({
  organization,
  fenceMs: 0,
  standing: null,
  claimant: '',
  step: null,
  findings: [],
  trouble: null,
  published: '',
});

/** The claimed operation. Asked for only by what runs after the claim. */
export function standingOf({ standing }: Rotation): Standing {
  if (standing === null) throw new Error('the operation is not claimed yet');
  return standing;
}

/** A step, named so that whoever takes it again takes the same. */
export function stepOf(rotation: Rotation, key: string): Step {
  const { organization, operationId, epoch, stage } = standingOf(rotation);
  return { organization, operationId, epoch, stage, key };
}

export function troubled(rotation: Rotation, { code, text }: { code: Code; text: string }): void {
  rotation.trouble = { code, text, at: instantOf(Date.now()) };
}
