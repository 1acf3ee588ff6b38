import { timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../domain/digest';
import { ProviderFailure } from '../domain/failure';
import type { KeyVersion } from '../domain/ids';
import { checkValueOf } from '../domain/key-check';
import type { PlatformDeps } from './deps';
import { callSignal } from './edge';
import { commitStep, demandStage, type Standing, type Step, standingNow } from './step';
import { workspaceKeyContext } from './wrapping';

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
  const { store, keys, random, settings } = deps;
  const { organization } = step;
  await demandStage(store, step);
  const key = await store.platformKey(organization.id);
  if (key === null) throw new ProviderFailure('KEY_NOT_FOUND');
  const context = workspaceKeyContext(organization.id, FIRST_VERSION);
  const signal = () => callSignal(settings.providerCallMs);
  const bytes = random(32);
  try {
    const { wrapped, keyRef } = await keys.wrap(key.keyRef, bytes, context, signal());
    const proof = await keys.unwrap(keyRef, wrapped, context, signal());
    const proved = proof.bytes.length === bytes.length && timingSafeEqual(proof.bytes, bytes);
    proof.bytes.fill(0);
    if (!proved) throw new ProviderFailure('CHECK_VALUE_MISMATCH');
    await commitStep(
      store,
      step,
      {
        type: 'envelope-staged',
        version: FIRST_VERSION,
        custody: 'platform',
        connectionId: null,
        wrapped,
        wrappedSha256: sha256Hex(wrapped),
        keyRef,
        checkValue: checkValueOf(bytes, organization.id, FIRST_VERSION),
        minted: true,
      },
      'live',
    );
  } finally {
    bytes.fill(0);
  }
  return standingNow(store, step);
}
