import { ProviderFailure, Refusal } from '../../domain/failure';
import type { CustodyDeps, PlatformDeps } from '../deps';
import { demandPresent } from '../present-custody';
import { commitStep, demandStage, type Place, type Step } from '../step';
import { clearDrift } from '../sweep/record-drift';

/** Findings of probes about the operator's own records and keys: they stand whoever has custody. */
const OURS: ReadonlySet<string> = new Set(['platform-key', 'records']);

/** What probes found about the customer's key says nothing any more, and nothing probes it to find it gone. */
export async function clearCustomerDrift(
  { store }: Pick<CustodyDeps, 'store'>,
  { organization: { id, name } }: Pick<Place, 'organization'>,
): Promise<void> {
  const status = await store.status(name);
  if (status?.custody?.custody !== 'platform') return;
  for (const standing of status.drift)
    if (!OURS.has(standing.aspect)) await clearDrift(store.commit, id, standing);
}

/**
 * The end of an offboarding that ended before its switch: the key that was made for it, if one was, is scheduled for
 * deletion. Staged envelopes are erased by now, but a backup of the database may have them. Until that end custody may go to
 * the key, and after another end it did: whoever asks for it then, as by hand, ends nothing.
 * @throws Refusal STAGE_MISMATCH, OPERATION_STALE
 */
export async function retireSpareKey(deps: PlatformDeps, step: Step): Promise<void> {
  const { store, control, statements } = deps;
  const { id, name } = step.organization;
  const { stage, outcome } = await demandStage(store, step);
  if (stage !== 'closed' || outcome === 'completed') throw new Refusal('STAGE_MISMATCH');
  if (!(await store.wasLaunched(id, step.operationId))) return;
  const custody = (await store.status(name))?.custody ?? null;
  if (custody === null) throw new ProviderFailure('STATEMENT_INVALID');
  await demandPresent(deps, await statements.custody(custody.statement));
  const retired = await control.retireSpare(id, step.operationId, custody.statement);
  const { keyRef, destroyedAt } = retired ?? { keyRef: null, destroyedAt: null };
  await commitStep(store, step, { type: 'spare-platform-key-retired', keyRef, destroyedAt }, 'closed');
}
