import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import type { ChangeOf } from '../../../domain/change';
import { type ConnectionInput, connectionDigest, identityOf } from '../../../domain/connection';
import { Refusal } from '../../../domain/failure';
import { isClean } from '../../../domain/finding';
import { isVersionOf } from '../../../domain/intake/azure';
import { bytes } from '../../ledger/head';
import { findConnection } from '../../queries/connection';
import { claimResources, resourcesOf } from '../../queries/connection-owner';
import { findCustody } from '../../queries/custody';
import { type Apply, json, type OperationPatch, type OperationStep } from '../step';
import { unstage } from './unstage';

export const platformKeyCreated: Apply<'platform-key-created'> = async (step, { keyRef }) => {
  // An offboarding's is the organization's from its switch on.
  if (step.operation.kind === 'offboard') {
    if (!step.operation.holdsLock) throw new Refusal('STAGE_MISMATCH', 'live was not launched');
    return {};
  }
  await step.tx.platformKey.create({
    data: { organizationId: step.organization, ledgerIndex: step.index, keyRef },
  });
  return {};
};

/** A new connection takes the place of the former, and of everything that was found out about it. */
export const connectionSubmitted: Apply<'connection-submitted'> = async (step, change) => {
  const { tx, organization, index, fence, operation } = step;
  const { connectionId, input, digest } = change;
  const { externalId } = await tx.organization.findUniqueOrThrow({ where: { id: organization } });
  if (digest !== connectionDigest(organization, externalId, input)) {
    throw new Refusal('INPUT_INVALID', 'digest: is not of this connection');
  }
  if (operation.kind === 'change-connection') {
    const custody = await findCustody(tx, organization);
    const inUse = custody?.connectionId ? await findConnection(tx, custody.connectionId) : null;
    if (inUse?.digest === digest) throw new Refusal('NOTHING_TO_CHANGE');
  }
  await tx.connection.create({
    data: {
      id: connectionId,
      organizationId: organization,
      operationId: fence.operationId,
      externalId,
      provider: input.provider,
      input: canonicalJson(input as JsonObject),
      identity: identityOf(input),
      key: input.key,
      digest,
      ledgerIndex: index,
    },
  });
  return { ...(await unstage(step)), connectionId, verificationIndex: null, dryRunId: null };
};

/**
 * Pins the key, if it is clean, and with it the role and the key are this organization's: whoever proves access
 * first, which takes the customer's word for our external ID. Whatever was planned on an earlier verification no
 * longer counts.
 */
export const verificationRecorded: Apply<'verification-recorded'> = async (step, change) => {
  const { tx, organization, operation, to } = step;
  const { connectionId, findings, keyRef } = change;
  if (connectionId !== operation.connectionId) throw new Refusal('STAGE_MISMATCH', 'of another connection');
  // A rotation goes by the one before its launch: set back by another, it would be launched for ever, by the same key.
  if (operation.kind === 'rotate' && operation.stage !== 'verification') {
    throw new Refusal('STAGE_MISMATCH', 'the rotation is launched');
  }
  const clean = isClean(findings) && keyRef !== null;
  if (to === 'dry-run' && !clean) throw new Refusal('VERIFICATION_MISSING', 'it is not clean');
  if (clean) {
    const { input } = await tx.connection.findUniqueOrThrow({ where: { id: connectionId } });
    const entered = JSON.parse(input) as ConnectionInput;
    // What is claimed is the key as entered: a version of another one would be claimed by nobody.
    if (entered.provider === 'azure-key-vault' && !isVersionOf(keyRef, entered.key))
      throw new Refusal('INPUT_INVALID', 'keyRef: is no version of the key that was entered');
    await claimResources(tx, resourcesOf(entered, keyRef), organization);
  }
  return keepVerification(step, change);
};

/** Its row; what was planned on an earlier one no longer counts. */
export async function keepVerification(
  step: OperationStep,
  { connectionId, findings, keyRef, canary }: ChangeOf<'verification-recorded'>,
): Promise<OperationPatch> {
  const { tx, organization, index, fence } = step;
  await tx.verification.create({
    data: {
      organizationId: organization,
      ledgerIndex: index,
      operationId: fence.operationId,
      connectionId,
      findings: json(findings),
      clean: isClean(findings) && keyRef !== null,
      keyRef,
      canaryWrapped: canary === null ? null : bytes(canary.wrapped),
      canaryKeyRef: canary?.keyRef ?? null,
    },
  });
  return { ...(await unstage(step)), verificationIndex: index, dryRunId: null };
}

/** Its entry is all there is of it, because it changes nothing: clean as the one that counts, and of the same key. */
export const verificationRepeated: Apply<'verification-repeated'> = async (step, change) => {
  const { tx, organization: organizationId, operation } = step;
  const { connectionId, findings, keyRef } = change;
  const ledgerIndex = operation.verificationIndex;
  const counting =
    ledgerIndex === null
      ? null
      : await tx.verification.findUnique({
          where: { organizationId_ledgerIndex: { organizationId, ledgerIndex } },
          select: { clean: true, keyRef: true },
        });
  const isSame = connectionId === operation.connectionId && counting?.clean && counting.keyRef === keyRef;
  if (!isSame || !isClean(findings)) throw new Refusal('STAGE_MISMATCH', 'it found something else');
  return {};
};

/** Its entry is all there is of it: nothing was found out, so what counts goes on counting. */
export const verificationImpeded: Apply<'verification-impeded'> = async ({ operation }, { connectionId }) => {
  if (connectionId !== operation.connectionId) throw new Refusal('STAGE_MISMATCH', 'of another connection');
  return {};
};
