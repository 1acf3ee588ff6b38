import type { ChangeOf } from '../../../domain/change';
import { Refusal } from '../../../domain/failure';
import { findApproverKeys } from '../../queries/approvals';
import type { Step } from '../step';

/** A newer order or withdrawal supersedes, never an older or equal one. */
export async function orderAccepted(step: Step, change: ChangeOf<'order-accepted'>): Promise<void> {
  const { tx, organization, index } = step;
  const { jws, orderRef, jti, seq, kind, exp } = change;
  const inserted = await tx.$executeRaw`
    INSERT INTO signed_order (organization_id, seq, jti, kind, order_ref, jws, expires_at, ledger_index)
    SELECT ${organization}::uuid, ${seq}, ${jti}, ${kind}, ${orderRef}, ${jws}, ${exp}::timestamptz, ${index}
    WHERE NOT EXISTS (
      SELECT FROM signed_order
      WHERE organization_id = ${organization}::uuid AND (seq >= ${seq} OR jti = ${jti}))`;
  if (inserted === 0) throw new Refusal('ORDER_REPLAYED', `seq ${seq}`);
}

export async function approverEnrolled(step: Step, change: ChangeOf<'approver-enrolled'>): Promise<void> {
  const { tx, organization: organizationId, index } = step;
  const { credentialId, publicJwk, role, enrolledAt, enrolment = null } = change.key;
  const { keys } = await step.said();
  if (keys.some((known) => known.credentialId === credentialId))
    throw new Refusal('INPUT_INVALID', 'credentialId: this key was enrolled before');
  // Under the lock: a key that is being removed vouches for nobody.
  const { by } = change;
  if (by.kind === 'approver' && !(await counting(step)).includes(by.credentialId))
    throw new Refusal('APPROVAL_KEY_REMOVED', 'the key that vouches for it');
  await tx.approverKey.create({
    data: {
      organizationId,
      credentialId,
      publicX: publicJwk.x,
      role,
      enrolledAt,
      ledgerIndex: index,
      enrolment,
    },
  });
}

export async function approverRemoved(step: Step, change: ChangeOf<'approver-removed'>): Promise<void> {
  const { tx, organization: organizationId, index, at } = step;
  const { credentialId, by, enrolment } = change;
  const said = await step.said();
  if (said.removals.has(credentialId)) throw new Refusal('APPROVAL_KEY_REMOVED');
  if (!said.keys.some((known) => known.credentialId === credentialId))
    throw new Refusal('APPROVAL_KEY_UNKNOWN');
  const keys = await counting(step);
  if (!keys.includes(by.credentialId)) throw new Refusal('APPROVAL_KEY_REMOVED', 'the key that removes it');
  if (keys.length === 1)
    throw new Refusal('INPUT_INVALID', 'removes: the last key can’t be removed; enrol another first');
  await tx.approverRemoval.create({
    data: { organizationId, credentialId, removedAt: at, ledgerIndex: index, enrolment },
  });
}

/** Keys that may approve now. */
export async function counting({ tx, organization, said }: Step): Promise<readonly string[]> {
  const keys = await findApproverKeys(tx, organization, await said());
  return keys.filter(({ removedAt }) => removedAt === null).map(({ credentialId }) => credentialId);
}

export async function usageCounted(
  step: Pick<Step, 'tx' | 'organization' | 'index'>,
  change: ChangeOf<'usage'>,
): Promise<void> {
  const { tx, organization: organizationId, index: ledgerIndex } = step;
  const { minute, operations } = change;
  const before = await tx.usageMinute.findFirst({ where: { organizationId }, orderBy: { minute: 'desc' } });
  const total = (before?.total ?? 0n) + BigInt(operations);
  await tx.usageMinute.create({ data: { organizationId, minute, ledgerIndex, total } });
}
