import type { ChangeOf } from '../../../domain/change';
import type { EnvelopeRecord } from '../../../domain/custody';
import { Refusal } from '../../../domain/failure';
import type { ConnectionId, KeyVersion } from '../../../domain/ids';
import { mayWrapUnder, nextVersion } from '../../../domain/rotation';
import type { Custody } from '../../../generated/prisma/client';
import type { RotationLaunch } from '../../contract';
import { findConnection } from '../../queries/connection';
import { findLiveEnvelopes, findStagedEnvelopes, findSupersededEnvelopes } from '../../queries/envelopes';
import { findRotation } from '../../queries/rotation';
import type { Apply, OperationPatch, OperationStep, Step } from '../step';
import { addVersion, envelopeOf, setCustody } from './custody';
import { eraseEnvelopes } from './erase';
import { demandUnlocked } from './lock';

/** The outbox of what nobody asked for by name: each stands until a rotation has settled it. */
export async function rotationDue(
  { tx, organization: organizationId, index: ledgerIndex }: Pick<Step, 'tx' | 'organization' | 'index'>,
  { cause, newKeyVersion }: ChangeOf<'rotation-due' | 'rotation-postponed'>,
): Promise<void> {
  await tx.rotationDue.create({ data: { organizationId, ledgerIndex, cause, newKeyVersion } });
}

export const rotationPostponed: Apply<'rotation-postponed'> = async (step, change) => {
  await rotationDue(step, change);
  return {};
};

/** A rotation has done what was due; one that was refused hasn't. */
export async function settleDue({ tx, organization, index }: OperationStep): Promise<void> {
  await tx.rotationDue.updateMany({
    where: { organizationId: organization, settledIndex: null },
    data: { settledIndex: index },
  });
}

/** Takes the lock, for what custody and the rotation's own verification say now. */
export const rotationLaunched: Apply<'rotation-launched'> = async (step, change) => {
  const { tx, organization, fence } = step;
  const custody = await custodyInUse(step);
  if (custody.epoch >= fence.epoch) throw new Refusal('OPERATION_STALE', 'custody is of a later operation');
  const { ask, verification } = await findRotation(tx, organization, fence.operationId);
  if (verification === null || !verification.clean || verification.keyRef !== change.to) {
    throw new Refusal('VERIFICATION_MISSING');
  }
  const live = await findLiveEnvelopes(tx, organization);
  const versions = live.map(({ version }) => version);
  const isPresent =
    live.every(({ keyRef }) => keyRef === change.from) &&
    isSame(versions, change.rewrap) &&
    change.mint === (ask.newKeyVersion ? nextVersion(versions) : null);
  if (!isPresent) throw new Refusal('PLAN_CHANGED', 'custody names other envelopes');
  await demandSameKey(step, change);
  await demandUnlocked(step);
  return { holdsLock: true };
};

/**
 * The switch of a rotation: every version that was live is live again, under the key that was launched, with the same
 * check value and the same connection, and beside them at most the version that was minted.
 */
export async function rotated(
  step: OperationStep,
  { currentVersion }: ChangeOf<'custody-switched'>,
): Promise<OperationPatch> {
  const { tx, organization, operation, fence, rotationGuard } = step;
  if (rotationGuard === undefined) throw new Error('the switch of a rotation needs a guard');
  if (step.to !== 'sealing' || !operation.holdsLock) throw new Refusal('STAGE_MISMATCH', 'not launched');
  const custody = await custodyInUse(step);
  const { launched } = await findRotation(tx, organization, fence.operationId);
  if (launched === null) throw new Refusal('STAGE_MISMATCH', 'not launched');
  const { connection, to, mint } = { ...launched, ...(await demandSameKey(step, launched)) };
  const live = await findLiveEnvelopes(tx, organization);
  const staged = await findStagedEnvelopes(tx, fence.operationId);
  const isCurrent = currentVersion === (mint ?? custody.currentVersion);
  const isWhole =
    isLaunched(staged, live, launched) && staged.every((each) => each.connectionId === connection.id);
  if (!isCurrent || !isWhole)
    throw new Refusal('PLAN_CHANGED', 'what is staged isn’t just what was launched');
  await rotationGuard({ launched, custodyStatement: custody.statement, live, staged });
  if (mint !== null) await addVersion(step, envelopeOf(staged, mint));
  await setCustody(step, {
    custody: 'customer',
    currentVersion,
    connectionId: connection.id,
    connectionDigest: connection.digest,
    keyRef: to,
    staged,
    sealing: false,
  });
  await settleDue(step);
  return {};
}

function isLaunched(
  staged: readonly EnvelopeRecord[],
  live: readonly EnvelopeRecord[],
  { to, rewrap, mint }: RotationLaunch,
): boolean {
  const wanted = mint === null ? rewrap : [...rewrap, mint];
  const checkValues = new Map(live.map(({ version, checkValue }) => [version, checkValue]));
  return (
    isSame(rewrap, [...checkValues.keys()]) &&
    isSame(
      wanted,
      staged.map(({ version }) => version),
    ) &&
    staged.every(
      ({ version, keyRef, checkValue }) =>
        keyRef === to && (version === mint || checkValue === checkValues.get(version)),
    )
  );
}

/** What the rotation has superseded goes, all of it, and the entry says which keys nothing live needs any more. */
export const supersededEnvelopesErased: Apply<'superseded-envelopes-erased'> = async (step, change) => {
  const { tx, organization } = step;
  const superseded = await findSupersededEnvelopes(tx, organization);
  const inUse = new Set((await findLiveEnvelopes(tx, organization)).map(({ keyRef }) => keyRef));
  const retired = [...new Set(superseded.map(({ keyRef }) => keyRef))].filter((each) => !inUse.has(each));
  const named = change.envelopes.map(({ wrappedSha256 }) => wrappedSha256);
  if (
    !isSame(
      named,
      superseded.map(({ wrappedSha256 }) => wrappedSha256),
    ) ||
    !isSame(retired, change.retired)
  ) {
    throw new Refusal('PLAN_CHANGED', 'something else is superseded');
  }
  return eraseSuperseded(step, change);
};

/** What the entry names, and the lock where there's a handoff yet to record: an offboarding's. */
export async function eraseSuperseded(
  step: OperationStep,
  { envelopes }: ChangeOf<'superseded-envelopes-erased'>,
): Promise<OperationPatch> {
  await eraseEnvelopes(step, envelopes);
  return step.to === 'handoff' ? { holdsLock: false } : {};
}

/** Custody as the rotation found it: the customer's, sealed, under the connection it has verified. */
async function custodyInUse({ tx, organization, operation }: OperationStep) {
  const row: Custody | null = await tx.custody.findUnique({ where: { organizationId: organization } });
  if (row === null || row.custody !== 'customer' || row.sealing) throw new Refusal('NOT_CUSTOMER_CUSTODY');
  if (row.connectionId !== operation.connectionId) throw new Refusal('PLAN_CHANGED', 'another connection');
  return { ...row, currentVersion: row.currentVersion as KeyVersion };
}

/** A rotation moves to another version of the same key, and never to another key. */
async function demandSameKey(
  { tx, operation }: OperationStep,
  { from, to }: Pick<RotationLaunch, 'from' | 'to'>,
) {
  const connection = await findConnection(tx, operation.connectionId as ConnectionId);
  if (connection === null) throw new Refusal('PLAN_CHANGED', 'another connection');
  if (!mayWrapUnder(connection, from, to)) throw new Refusal('PLAN_CHANGED', 'another key');
  return { connection };
}

function isSame<T>(some: readonly T[], others: readonly T[]): boolean {
  const known = new Set(others);
  return (
    some.length === others.length && known.size === others.length && some.every((each) => known.has(each))
  );
}
