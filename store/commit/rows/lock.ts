import { Refusal } from '../../../domain/failure';
import type { OperationStep } from '../step';

/** One custody operation at a time (invariant 10). @throws Refusal OPERATION_LOCKED, which names the kind that holds it */
export async function demandUnlocked({ tx, organization, fence }: OperationStep): Promise<void> {
  const holder = await tx.operation.findFirst({
    where: { organizationId: organization, holdsLock: true, id: { not: fence.operationId } },
    select: { kind: true },
  });
  if (holder !== null) throw new Refusal('OPERATION_LOCKED', holder.kind);
}
