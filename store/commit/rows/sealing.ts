import { Refusal } from '../../../domain/failure';
import type { KeyRef } from '../../../domain/ids';
import { findPlatformKey } from '../../queries/platform-key';
import { sealingProof } from '../../queries/sealing-proof';
import { signSealed } from '../statements';
import { type Apply, json, type OperationStep } from '../step';
import { eraseEnvelopes } from './erase';
import { settleDue } from './rotation';
import { unstage } from './unstage';

export const platformKeyDisabled: Apply<'platform-key-disabled'> = async (step, { keyRef }) => {
  await setPlatformKey(step, keyRef, { disabledAt: step.at });
  return {};
};

/** Its entry is all there is of it: {@link platformSealed} counts the entries. */
export const platformKeyProbed: Apply<'platform-key-probed'> = async (step, { keyRef }) => {
  await demandDisabled(step, keyRef);
  return {};
};

/**
 * From this statement on the cipher refuses platform custody (invariant 1). Who asks for it proves nothing: the
 * refusals must be in the ledger, as many and over as long as this deployment wants.
 */
export const platformSealed: Apply<'platform-sealed'> = async (step, { keyRef }) => {
  await demandDisabled(step, keyRef);
  const { enough, refusals, overMs } = await sealingProof(step.tx, step.fence, step.sealing);
  if (!enough) throw new Refusal('STAGE_MISMATCH', `only ${refusals} refusals over ${overMs} ms`);
  await setPlatformKey(step, keyRef, { sealedAt: step.at });
  await step.tx.custody.update({
    where: { organizationId: step.organization },
    data: { sealed: await signSealed(step, keyRef) },
  });
  return {};
};

export const platformEnvelopesErased: Apply<'platform-envelopes-erased'> = async (step, { envelopes }) => {
  await demandSealed(step);
  await eraseEnvelopes(step, envelopes);
  return {};
};

export const platformKeyDeletionScheduled: Apply<'platform-key-deletion-scheduled'> = async (
  step,
  change,
) => {
  await demandSealed(step);
  await setPlatformKey(step, change.keyRef, { destroyedAt: change.destroyedAt });
  return {};
};

export const liveEntered: Apply<'live-entered'> = async (step, { currentVersion }) => {
  await demandSealed(step);
  const { tx, organization: organizationId } = step;
  const left = await tx.envelope.count({
    where: { organizationId, custody: 'platform', wrapped: { not: null } },
  });
  if (left > 0) throw new Refusal('STAGE_MISMATCH', 'platform envelopes are left');
  const key = await findPlatformKey(tx, organizationId);
  if (key === null || key.destroyedAt === null)
    throw new Refusal('STAGE_MISMATCH', 'the platform key’s deletion is not scheduled');
  const { count } = await step.tx.custody.updateMany({
    where: { organizationId: step.organization, custody: 'customer', currentVersion },
    data: { sealing: false },
  });
  if (count !== 1) throw new Refusal('STAGE_MISMATCH', `version ${currentVersion} is not current`);
  return { holdsLock: false };
};

export const handoffRecorded: Apply<'handoff-recorded'> = async (step, { contacts, runbook }) => {
  await step.tx.handoff.create({
    data: {
      organizationId: step.organization,
      ledgerIndex: step.index,
      operationId: step.fence.operationId,
      contacts: json(contacts),
      runbook: json(runbook),
    },
  });
  return {};
};

export const operationClosed: Apply<'operation-closed'> = async (step, { outcome, reason }) => {
  // A rotation that ends well before a switch has found nothing to do.
  if (step.operation.kind === 'rotate' && outcome === 'completed') await settleDue(step);
  return { ...(await unstage(step)), holdsLock: false, outcome, reason };
};

async function demandDisabled(
  { tx, organization: organizationId }: OperationStep,
  keyRef: KeyRef,
): Promise<void> {
  const key = await tx.platformKey.findFirst({ where: { organizationId, keyRef } });
  if (key === null || key.disabledAt === null) throw new Refusal('STAGE_MISMATCH', 'it was not disabled');
}

/** The steps of sealing are taken in their order, whoever says that one of them is done. */
async function demandSealed({ tx, organization }: OperationStep): Promise<void> {
  // By its key: after an offboarding custody still has the statement of the one before.
  const key = await findPlatformKey(tx, organization);
  if (key === null || key.sealedAt === null) throw new Refusal('STAGE_MISMATCH', 'it is not sealed');
}

async function setPlatformKey(
  step: OperationStep,
  keyRef: KeyRef,
  data: { disabledAt?: string; sealedAt?: string; destroyedAt?: string },
): Promise<void> {
  const { count } = await step.tx.platformKey.updateMany({
    where: { organizationId: step.organization, keyRef },
    data,
  });
  if (count !== 1) throw new Refusal('STAGE_MISMATCH', 'not the organization’s platform key');
}
