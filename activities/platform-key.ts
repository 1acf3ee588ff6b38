import { ProviderFailure } from '../domain/failure';
import type { KeyRef, KeyVersion } from '../domain/ids';
import type { PlatformDeps } from './deps';
import { commitStep, demandStage, type Standing, type Step, standingNow } from './step';
import { stageUnder } from './wrapping';

/** The workspace key version an organization starts with. */
export const FIRST_VERSION = 1 as KeyVersion;

/** The organization's own platform key: one per organization, so that one can be destroyed alone. */
export async function createPlatformKey({ store, control }: PlatformDeps, step: Step): Promise<Standing> {
  const keyRef = await control.create(step.organization.id);
  await commitStep(store, step, { type: 'platform-key-created', keyRef }, 'live');
  return standingNow(store, step);
}

/** Workspace key version 1, wrapped by the platform key and proved by an unwrap. */
export async function mintFirstVersion(deps: PlatformDeps, step: Step): Promise<Standing> {
  const { store, random } = deps;
  await demandStage(store, step);
  const key = await store.platformKey(step.organization.id);
  if (key === null) throw new ProviderFailure('KEY_NOT_FOUND');
  const bytes = random(32);
  try {
    await stageUnderPlatformKey(deps, { ...step, version: FIRST_VERSION }, key.keyRef, bytes, true);
  } finally {
    bytes.fill(0);
  }
  return standingNow(store, step);
}

/** Wraps a key version under one of the operator's keys, proves it by an unwrap, and commits the envelope as staged. */
export const stageUnderPlatformKey = (
  { store, keys, settings }: Pick<PlatformDeps, 'store' | 'keys' | 'settings'>,
  step: Step & { readonly version: KeyVersion },
  keyRef: KeyRef,
  bytes: Uint8Array,
  minted: boolean,
): Promise<void> =>
  stageUnder(
    { store, settings },
    step,
    {
      ...{ custody: 'platform', connectionId: null, keyRef },
      wrap: (...what) => keys.wrap(keyRef, ...what),
      unwrap: (wrapped, ...what) => keys.unwrap(keyRef, wrapped, ...what),
    },
    bytes,
    minted,
  );
