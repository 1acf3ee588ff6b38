import { SYSTEM } from '../../domain/actor';
import { ASPECTS, type Aspect, type Looked } from '../../domain/drift';
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
  const unfenced = { actor: SYSTEM, fence: null, organization } as const;

  const clear = async ({ aspect, code, found }: LastDrift): Promise<number> => {
    const change = { type: 'drift-cleared', aspect, code, found } as const;
    return (await commit({ ...unfenced, idempotencyKey: `drift/${aspect}/${found}/cleared`, change })).index;
  };

  for (const aspect of Object.keys(ASPECTS) as Aspect[]) {
    const found = looked[aspect];
    if (found === undefined) continue;
    const last = drift.find((each) => each.aspect === aspect);
    const standing = last?.cleared === null ? last : null;
    const isSame = standing?.code === found?.code && standing?.keyRef === found?.keyRef;
    if (isSame) continue;
    const after = standing ? await clear(standing) : (last?.cleared ?? 'none');
    if (found === null) continue;
    const change = { type: 'drift-found', aspect, ...found } as const;
    await commit({ ...unfenced, idempotencyKey: `drift/${aspect}/after/${after}`, change });
  }
}
