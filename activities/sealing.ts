import { ProviderFailure } from '../domain/failure';
import type { Instant, KeyRef } from '../domain/ids';
import type { CustodyDeps, PlatformDeps } from './deps';
import { demandPresent } from './present-custody';
import { bodyOf, commitStep, demandStage, type Standing, type Step, standingNow } from './step';
import { workspaceKeyContext } from './wrapping';

/** How far sealing has come: read when a run takes over an operation that seals. */
export interface SealingProgress {
  readonly sealed: boolean;
  readonly erased: boolean;
  readonly deletionScheduled: boolean;
}

export async function sealingProgress(
  { store }: Pick<CustodyDeps, 'store'>,
  step: Step,
): Promise<SealingProgress> {
  const platformKey = (await store.status(step.organization.name))?.platformKey ?? null;
  const left = await store.platformEnvelopes(step.organization.id);
  return {
    sealed: platformKey?.sealedAt != null,
    erased: left.length === 0,
    deletionScheduled: platformKey?.destroyedAt != null,
  };
}

/**
 * The platform key, and the signed word that its organization is in customer custody. The row names the key, but
 * what was signed decides: the platform's envelopes, and once they are erased the sealed statement. Another key in
 * the row, which refuses because it never was, would let the real one live on.
 */
async function retiredKey(
  { store, statements, epochFloor }: Pick<PlatformDeps, 'store' | 'statements' | 'epochFloor'>,
  step: Step,
): Promise<{ keyRef: KeyRef; custodyStatement: string }> {
  await demandStage(store, step);
  const key = await store.platformKey(step.organization.id);
  if (key?.custodyStatement == null) throw new ProviderFailure('STATEMENT_INVALID');
  const statement = await statements.custody(key.custodyStatement);
  if (statement.organization !== step.organization.id || statement.custody !== 'customer') {
    throw new ProviderFailure('STATEMENT_INVALID');
  }
  await demandPresent({ epochFloor }, statement);
  const signedRefs = await platformKeyRefs({ store, statements }, step);
  if (signedRefs.length === 0 || signedRefs.some((keyRef) => keyRef !== key.keyRef)) {
    throw new ProviderFailure('STATEMENT_INVALID');
  }
  return { keyRef: key.keyRef, custodyStatement: key.custodyStatement };
}

/** The operator's key that this operation seals, as every signed statement about it names it. */
async function platformKeyRefs(
  { store, statements }: Pick<PlatformDeps, 'store' | 'statements'>,
  { organization: { id: organization }, operationId }: Step,
): Promise<readonly KeyRef[]> {
  const refs: KeyRef[] = [];
  for (const { statement } of await store.platformEnvelopes(organization)) {
    const envelope = await statements.envelope(statement);
    if (envelope.organization !== organization || envelope.custody !== 'platform') {
      throw new ProviderFailure('STATEMENT_INVALID');
    }
    refs.push(envelope.keyRef);
  }
  for (const jws of await store.statements(organization)) {
    const sealed = await statements.sealed(jws).catch(() => null);
    // That of an activation before an offboarding names a key that was sealed then.
    if (sealed?.organization === organization && sealed.operationId === operationId)
      refs.push(sealed.platformKeyRef);
  }
  return refs;
}

/** Live order (d), first half. */
export async function disablePlatformKey(deps: PlatformDeps, step: Step): Promise<Standing> {
  const { store, control } = deps;
  const { keyRef, custodyStatement } = await retiredKey(deps, step);
  // A key that was disabled before, or waits for its deletion, can't be disabled again.
  if ((await control.state(keyRef)) === 'enabled') await control.disable(keyRef, custodyStatement);
  await commitStep(store, step, { type: 'platform-key-disabled', keyRef }, 'sealing');
  return standingNow(store, step);
}

/** What one try has found out, and whether the ledger now has enough of them. */
export interface Probed {
  readonly refused: boolean;
  readonly enough: boolean;
}

/**
 * Live order (d), second half: one unwrap of a platform envelope on a connection of its own; another envelope for
 * each try. What came of it is committed here, by the process that was answered: the workflow only counts along.
 */
export async function provePlatformRefuses(
  deps: PlatformDeps,
  step: Step & { readonly nth: number },
): Promise<Probed> {
  const { store, control } = deps;
  const { organization, operationId, nth } = step;
  const { keyRef } = await retiredKey(deps, step);
  const envelopes = await store.platformEnvelopes(organization.id);
  const envelope = envelopes[nth % envelopes.length];
  if (envelope === undefined) throw new ProviderFailure('STATEMENT_INVALID');
  const context = workspaceKeyContext(organization.id, envelope.version);
  const { refused, requestId } = await control.refusesUnwrap(keyRef, envelope.wrapped, context);
  const change = { type: 'platform-key-probed', keyRef, nth, refused, requestId } as const;
  const committed = await commitStep(store, step, change, 'sealing');
  const { enough } = await store.sealingProof(organization.id, operationId);
  return { refused: bodyOf(committed)['refused'] === true, enough };
}

/**
 * Live order (d), at its end. The store counts the refusals itself.
 * @throws Refusal STAGE_MISMATCH where they aren't enough
 */
export async function recordSealed(
  deps: Pick<CustodyDeps, 'store' | 'statements' | 'epochFloor'>,
  step: Step,
): Promise<Standing> {
  const { store } = deps;
  const { keyRef } = await retiredKey(deps, step);
  await commitStep(store, step, { type: 'platform-sealed', keyRef }, 'sealing');
  return standingNow(store, step);
}

/** Live order (e): nothing the former key could open is left. */
export async function erasePlatformEnvelopes(
  { store }: Pick<CustodyDeps, 'store'>,
  step: Step,
): Promise<Standing> {
  const envelopes = (await store.platformEnvelopes(step.organization.id)).map(
    ({ version, wrappedSha256 }) => ({ version, wrappedSha256 }),
  );
  await commitStep(store, step, { type: 'platform-envelopes-erased', envelopes }, 'sealing');
  return standingNow(store, step);
}

export async function schedulePlatformKeyDeletion(
  deps: PlatformDeps,
  step: Step,
): Promise<{ standing: Standing; destroyedAt: Instant }> {
  const { keyRef, custodyStatement } = await retiredKey(deps, step);
  const { destroyedAt } = await deps.control.scheduleDeletion(keyRef, custodyStatement);
  await commitStep(
    deps.store,
    step,
    { type: 'platform-key-deletion-scheduled', keyRef, destroyedAt },
    'sealing',
  );
  return { standing: await standingNow(deps.store, step), destroyedAt };
}

export async function enterLive({ store }: Pick<CustodyDeps, 'store'>, step: Step): Promise<Standing> {
  const custody = (await store.status(step.organization.name))?.custody ?? null;
  if (custody === null) throw new ProviderFailure('STATEMENT_INVALID');
  await commitStep(store, step, { type: 'live-entered', currentVersion: custody.currentVersion }, 'handoff');
  return standingNow(store, step);
}
