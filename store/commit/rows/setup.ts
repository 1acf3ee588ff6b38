import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import { connectionDigest } from '../../../domain/connection';
import { Refusal } from '../../../domain/failure';
import { isClean } from '../../../domain/finding';
import type { OrganizationId } from '../../../domain/ids';
import type { Queries } from '../../database';
import { bytes } from '../../ledger/head';
import { identityOf, ownerOf, type Resources } from '../../queries/connection-owner';
import { type Apply, json } from '../step';
import { unstage } from './unstage';

export const platformKeyCreated: Apply<'platform-key-created'> = async (step, { keyRef }) => {
  if (step.operation.kind !== 'create') throw new Refusal('STAGE_MISMATCH', 'the organization has its key');
  await step.tx.platformKey.create({
    data: { organizationId: step.organization, ledgerIndex: step.index, keyRef },
  });
  return {};
};

/** A new connection takes the place of the former, and of everything that was found out about it. */
export const connectionSubmitted: Apply<'connection-submitted'> = async (step, change) => {
  const { tx, organization, index, fence } = step;
  const { connectionId, input, digest } = change;
  const { externalId } = await tx.organization.findUniqueOrThrow({ where: { id: organization } });
  if (digest !== connectionDigest(organization, externalId, input)) {
    throw new Refusal('INPUT_INVALID', 'digest: is not of this connection');
  }
  const identity = identityOf(input);
  await claimResources(tx, { identity, keys: [input.key] }, organization);
  await tx.connection.create({
    data: {
      id: connectionId,
      organizationId: organization,
      operationId: fence.operationId,
      externalId,
      provider: input.provider,
      input: canonicalJson(input as JsonObject),
      identity,
      key: input.key,
      digest,
      ledgerIndex: index,
    },
  });
  return { ...(await unstage(step)), connectionId, verificationIndex: null, dryRunId: null };
};

/** Pins the key, if it is clean; whatever was planned on an earlier verification no longer counts. */
export const verificationRecorded: Apply<'verification-recorded'> = async (step, change) => {
  const { tx, organization, index, operation, fence, to } = step;
  const { connectionId, findings, keyRef, canary } = change;
  if (connectionId !== operation.connectionId) throw new Refusal('STAGE_MISMATCH', 'of another connection');
  const clean = isClean(findings) && keyRef !== null;
  if (to === 'dry-run' && !clean) throw new Refusal('VERIFICATION_MISSING', 'it is not clean');
  if (keyRef !== null) await claimResources(tx, { identity: null, keys: [keyRef] }, organization);
  await tx.verification.create({
    data: {
      organizationId: organization,
      ledgerIndex: index,
      operationId: fence.operationId,
      connectionId,
      findings: json(findings),
      clean,
      keyRef,
      canaryWrapped: canary === null ? null : bytes(canary.wrapped),
      canaryKeyRef: canary?.keyRef ?? null,
    },
  });
  return { ...(await unstage(step)), verificationIndex: index, dryRunId: null };
};

/**
 * No identity or key serves two organizations. Two that ask for one at the same time are put in a row by a lock
 * named after it: each has only its own ledger head.
 */
async function claimResources(
  tx: Queries,
  resources: Resources,
  organization: OrganizationId,
): Promise<void> {
  const names = [...resources.keys, ...(resources.identity === null ? [] : [resources.identity])].sort();
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(${names}::text[]) AS name`;
  if ((await ownerOf(tx, resources, organization)) !== null) throw new Refusal('CONNECTION_IN_USE');
}
