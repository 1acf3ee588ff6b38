import type { ChangeOf } from '../../../domain/change';
import { Refusal } from '../../../domain/failure';
import type { Step } from '../step';

/** @throws Refusal STAGE_MISMATCH where another finding of that aspect stands */
export async function driftFound(step: Step, change: ChangeOf<'drift-found'>): Promise<void> {
  const { tx, organization: organizationId, index, at } = step;
  const { aspect, code, owner, keyRef } = change;
  const standing = await tx.drift.findFirst({ where: { organizationId, aspect, clearedIndex: null } });
  if (standing !== null) throw new Refusal('STAGE_MISMATCH', `${aspect}: something else was found before`);
  await tx.drift.create({
    data: { organizationId, foundIndex: index, aspect, code, owner, keyRef, foundAt: at },
  });
}

/** @throws Refusal STAGE_MISMATCH where it doesn't stand any more */
export async function driftCleared(step: Step, change: ChangeOf<'drift-cleared'>): Promise<void> {
  const { tx, organization: organizationId, index, at } = step;
  const { aspect, code, found: foundIndex } = change;
  const { count } = await tx.drift.updateMany({
    where: { organizationId, foundIndex, aspect, code, clearedIndex: null },
    data: { clearedIndex: index, clearedAt: at },
  });
  if (count === 0) throw new Refusal('STAGE_MISMATCH', `${aspect}: nothing like it stands`);
}
