import type { OperationPatch, OperationStep } from '../step';

/**
 * An operation that leaves `live` other than by its switch gives back the lock, and what it staged: those
 * envelopes belong to a plan that won't be carried out. Their SHA-256 stays in the ledger.
 */
export async function unstage(step: OperationStep): Promise<OperationPatch> {
  if (step.operation.stage !== 'live') return {};
  await step.tx.$executeRaw`
    SELECT erase_envelope(e.organization_id, e.wrapped_sha256, ${step.index})
    FROM envelope e WHERE e.operation_id = ${step.fence.operationId}::uuid AND e.wrapped IS NOT NULL`;
  return { holdsLock: false };
}
