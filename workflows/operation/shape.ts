import type { Claimed } from '../../activities/operation';
import type { Sent } from '../../activities/sender';
import type { StagingStep } from '../../activities/staging';
import type { Standing, Step } from '../../activities/step';
import type { ApprovedKind } from '../../domain/custody';
import type { OrganizationName, Sha256Hex } from '../../domain/ids';
import type { LiveStep } from '../contract/status';
import type { Operation } from './state';

/** What operations of one kind do their own way; all else is the same for each that people approve. */
export interface Shape {
  readonly kind: ApprovedKind;
  /** Opens it, or takes the open one over. `sent` is `null` for a run that goes on where an earlier one stood. */
  claim(request: {
    readonly name: OrganizationName;
    readonly claimant: string;
    readonly sent: Sent | null;
  }): Promise<Claimed>;
  /**
   * Whether custody may be switched while this waits, as by a rotation: it is then carried out under a later epoch, which
   * it claims with its next plan.
   */
  readonly claimsAnew: boolean;
  /** Whether it ends where its connection doesn't verify: it is no way around a key that refuses. */
  readonly endsUnverified: boolean;
  /** Live order (a), first: what the versions will be wrapped under is there. */
  prepare?(operation: Operation): Promise<void>;
  /** Live order (a): one version of the plan unwrapped, wrapped under the key it moves to, proved and staged. */
  stageVersion(step: StagingStep): Promise<void>;
  /** Live order (b): the point of no return. */
  switchOver(step: Step & { readonly planDigest: Sha256Hex }): Promise<Standing>;
  /** From the switch until the stage is another than `sealing`. Nothing here gives up, and nothing cancels it. */
  seal(operation: Operation, attempt: Attempt): Promise<void>;
  /** After an end before the switch: what was made for it and isn't used goes. */
  cleanUp?(operation: Operation): Promise<void>;
}

/** Takes a step after the switch, again and again until it's done. */
export type Attempt = <T>(step: LiveStep, act: () => Promise<T>) => Promise<T>;
