import type { KeyVersion } from '../domain/ids';
import type { Clock } from './clock';
import type { ContentOperation, VersionAsked } from './operation';
import type { XaesKey } from './xaes';

/** An operation, and the version it asked for that this call unwraps. */
export interface Served {
  readonly operation: ContentOperation;
  readonly asked: VersionAsked;
}

/** About half a millisecond: content of this many bytes, where each item counts as at least {@link ITEM_COST}. */
const SLICE_COST = 256 * 1024;
/** What an item costs beside its bytes, told in bytes. */
const ITEM_COST = 2 * 1024;

/**
 * The content work of everybody who shares one unwrapped key, in slices, so that a group of hundreds doesn't hold
 * up the event loop. Operations that were answered meanwhile (their deadline passed) are skipped.
 */
export async function workInSlices(
  served: readonly Served[],
  key: XaesKey,
  version: KeyVersion,
  clock: Clock,
): Promise<void> {
  let left = SLICE_COST;
  for (const { operation, asked } of served) {
    if (!operation.waits(clock.now())) continue;
    for (const bytes of operation.work(asked, key, version)) {
      left -= bytes + ITEM_COST;
      if (left > 0) continue;
      await clock.turn();
      left = SLICE_COST;
    }
  }
}
