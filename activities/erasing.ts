import { instantOf, type KeyVersion, msOf } from '../domain/ids';
import { endingOf, stageAfter } from '../domain/stage-after';
import type { CustodyDeps } from './deps';
import { commitStep, type Standing, type Step, standingNow } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'settings'>;

/**
 * The end of a rotation: what the switch has superseded is erased, and the entry says which keys of the customer's, or
 * versions of one, nothing live needs any more, and until when a backup of ours may.
 */
export async function eraseSuperseded({ store, settings }: Deps, step: Step): Promise<Standing> {
  const { id } = step.organization;
  const superseded = await store.supersededEnvelopes(id);
  const inUse = new Set((await store.liveEnvelopes(id)).map(({ keyRef }) => keyRef));
  const retired = [...new Set(superseded.map(({ keyRef }) => keyRef))].filter((each) => !inUse.has(each));
  const envelopes = superseded.map(({ version, wrappedSha256, keyRef }) => ({
    version,
    wrappedSha256,
    keyRef,
  }));
  const backupsExpireAt = instantOf(msOf(await store.now()) + settings.backupRetentionDays * 86_400_000);
  const change = { type: 'superseded-envelopes-erased', envelopes, retired, backupsExpireAt } as const;
  const to = stageAfter(change, await standingNow(store, step));
  await commitStep(store, step, change, to, to === 'closed' ? { closing: endingOf(change) } : {});
  return standingNow(store, step);
}

/** The same for a change of connection: the former key's, all of it. */
export async function eraseFormerEnvelopes(
  deps: Deps,
  step: Step,
): Promise<{ standing: Standing; currentVersion: KeyVersion | null }> {
  const standing = await eraseSuperseded(deps, step);
  const status = await deps.store.status(step.organization.name);
  return { standing, currentVersion: status?.custody?.currentVersion ?? null };
}
