import { SYSTEM, UNVERIFIED } from '../../domain/actor';
import type { Code } from '../../domain/codes';
import { closeBeforeSwitch } from '../close-before-switch';
import type { CustodyDeps } from '../deps';
import type { Place, Standing } from '../step';

/** Why a rotation ends before its switch. Nothing has changed then, so whoever says so is believed. */
export type RotationEnding =
  /** In the Temporal UI. */
  { readonly outcome: 'cancelled' } | { readonly outcome: 'refused'; readonly reason: Code };

/** Ends a rotation before its switch: what it staged is erased, the lock is released. */
export function closeRotation(
  { store }: Pick<CustodyDeps, 'store'>,
  { ending, ...step }: Omit<Place, 'stage'> & { readonly ending: RotationEnding },
): Promise<Standing> {
  const { outcome } = ending;
  const reason = ending.outcome === 'refused' ? ending.reason : null;
  // The Temporal UI's Cancel carries nobody's word.
  const actor = outcome === 'cancelled' ? UNVERIFIED : SYSTEM;
  return closeBeforeSwitch(store, step, { actor, name: `close/${outcome}` }, { outcome, reason });
}
