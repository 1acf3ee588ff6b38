import type { ChangeOf } from '../../../domain/change';
import { sha256Hex } from '../../../domain/digest';
import { Refusal } from '../../../domain/failure';
import { bytes } from '../../ledger/head';
import { findApproval } from '../../queries/approvals';
import { findOperatorApproval } from '../../queries/offboarding';
import { signEnvelope } from '../statements';
import type { Apply, OperationStep } from '../step';
import { demandUnlocked } from './lock';
import { demandOrder } from './order';

/** From here on the operation holds the organization's lock: one custody operation at a time (invariant 10). */
export const liveLaunched: Apply<'live-launched'> = async (step, change) => {
  const { tx, organization, fence } = step;
  const { dryRunId } = step.operation;
  const dryRun = dryRunId === null ? null : await tx.dryRun.findUnique({ where: { id: dryRunId } });
  if (dryRunId === null || dryRun === null || dryRun.planDigest !== change.planDigest) {
    throw new Refusal('PLAN_UNKNOWN');
  }
  if ((await findApproval(tx, dryRunId)) === null) throw new Refusal('APPROVAL_MISSING');
  const isApproved =
    step.operation.kind !== 'offboard' || (await findOperatorApproval(tx, dryRunId)) !== null;
  if (!isApproved) throw new Refusal('OPERATOR_APPROVAL_MISSING');
  if (step.operation.kind !== 'offboard') await demandOrder(step);
  await demandUnlocked(step);
  const custody = await tx.custody.findUnique({
    where: { organizationId: organization },
    select: { epoch: true },
  });
  if (custody !== null && custody.epoch >= fence.epoch)
    throw new Refusal('PLAN_CHANGED', 'custody is of a later operation');
  return { holdsLock: true };
};

/** An envelope that was proved by an unwrap; it becomes live only by the switch that names it. */
export const envelopeStaged: Apply<'envelope-staged'> = async (step, change) => {
  const { tx, operation, fence } = step;
  const { version, custody, connectionId, wrapped, wrappedSha256 } = change;
  if (!operation.holdsLock) throw new Refusal('STAGE_MISMATCH', 'live was not launched');
  const isToPlatform = operation.kind === 'create' || operation.kind === 'offboard';
  if (
    (custody === 'platform') !== isToPlatform ||
    connectionId !== (isToPlatform ? null : operation.connectionId)
  ) {
    throw new Refusal('STAGE_MISMATCH', 'the envelope is of another connection');
  }
  if (sha256Hex(wrapped) !== wrappedSha256) {
    throw new Refusal('INPUT_INVALID', 'wrappedSha256: is not of these bytes');
  }
  const staged = await tx.envelope.findFirst({
    where: { operationId: fence.operationId, version, custody, wrapped: { not: null } },
    select: { ledgerIndex: true },
  });
  if (staged !== null) {
    throw new Refusal(
      'IDEMPOTENCY_KEY_REUSED',
      `version ${version} is staged by entry ${staged.ledgerIndex}`,
    );
  }
  await keepEnvelope(step, change);
  return {};
};

/** Its row, with its signed statement. */
export async function keepEnvelope(
  step: OperationStep,
  {
    version,
    custody,
    connectionId,
    wrapped,
    wrappedSha256,
    keyRef,
    checkValue,
    minted,
  }: ChangeOf<'envelope-staged'>,
): Promise<void> {
  const { tx, organization, index, fence } = step;
  await tx.envelope.create({
    data: {
      organizationId: organization,
      wrappedSha256,
      version,
      custody,
      connectionId,
      wrapped: bytes(wrapped),
      keyRef,
      checkValue,
      minted,
      operationId: fence.operationId,
      epoch: fence.epoch,
      statement: await signEnvelope(step, {
        version,
        custody,
        connectionId,
        wrappedSha256,
        checkValue,
        keyRef,
      }),
      ledgerIndex: index,
    },
  });
}
