import { SYSTEM } from '../../domain/actor';
import { ASPECTS, type Aspect, type Looked } from '../../domain/drift';
import type { LedgerIndex, OrganizationId } from '../../domain/ids';
import type { LastDrift, LeasedProbe, Store } from '../../store/contract';

/**
 * What has appeared and what has gone since the last probe, an entry each; what stands as it stood leaves none. Twice
 * the same, by two sweeps at once or after a crash, is once: an entry's key names the one before it.
 */
export async function recordDrift(
  { commit }: Pick<Store, 'commit'>,
  { organization, drift }: Pick<LeasedProbe, 'organization' | 'drift'>,
  looked: Looked,
): Promise<void> {
  for (const aspect of Object.keys(ASPECTS) as Aspect[]) {
    const found = looked[aspect];
    if (found === undefined) continue;
    const last = drift.find((each) => each.aspect === aspect);
    const standing = last?.cleared === null ? last : null;
    const isSame = standing?.code === found?.code && standing?.keyRef === found?.keyRef;
    if (isSame) continue;
    const after = standing ? await clearDrift(commit, organization, standing) : (last?.cleared ?? 'none');
    if (found === null) continue;
    const change = { type: 'drift-found', aspect, ...found } as const;
    const idempotencyKey = `drift/${aspect}/after/${after}`;
    await commit({ actor: SYSTEM, fence: null, organization, idempotencyKey, change });
  }
}

/** A finding that stands no more, an entry once. @returns the entry's index */
export async function clearDrift(
  commit: Store['commit'],
  organization: OrganizationId,
  { aspect, code, found }: Pick<LastDrift, 'aspect' | 'code' | 'found'>,
): Promise<LedgerIndex> {
  const change = { type: 'drift-cleared', aspect, code, found } as const;
  const idempotencyKey = `drift/${aspect}/${found}/cleared`;
  return (await commit({ actor: SYSTEM, fence: null, organization, idempotencyKey, change })).index;
}
