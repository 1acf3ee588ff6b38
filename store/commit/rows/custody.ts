import type { Custody, EnvelopeRecord } from '../../../domain/custody';
import { Refusal } from '../../../domain/failure';
import type { ConnectionId, KeyRef, KeyVersion, Sha256Hex } from '../../../domain/ids';
import { signCustody } from '../statements';
import { json, type OperationStep } from '../step';

export function envelopeOf(staged: readonly EnvelopeRecord[], version: KeyVersion): EnvelopeRecord {
  const envelope = staged.find((candidate) => candidate.version === version);
  if (envelope === undefined) throw new Refusal('PLAN_CHANGED', `version ${version} is not staged`);
  return envelope;
}

/** A version exists from the switch that makes it current. */
export async function addVersion(
  step: OperationStep,
  { version, checkValue }: EnvelopeRecord,
): Promise<void> {
  await step.tx.keyVersion.create({
    data: {
      organizationId: step.organization,
      version,
      checkValue,
      operationId: step.fence.operationId,
      ledgerIndex: step.index,
    },
  });
}

/** What every encrypt and decrypt reads first, with its signed statement: the staged envelopes are the live ones now. */
export async function setCustody(
  step: OperationStep,
  custody: {
    custody: Custody;
    currentVersion: KeyVersion;
    connectionId: ConnectionId | null;
    connectionDigest: Sha256Hex | null;
    keyRef: KeyRef;
    staged: readonly EnvelopeRecord[];
    sealing: boolean;
  },
): Promise<void> {
  const { staged, sealing, ...stated } = custody;
  const envelopes = Object.fromEntries(staged.map(({ version, wrappedSha256 }) => [version, wrappedSha256]));
  const row = {
    custody: stated.custody,
    epoch: step.fence.epoch,
    currentVersion: stated.currentVersion,
    connectionId: stated.connectionId,
    sealing,
    statement: await signCustody(step, { ...stated, envelopes }),
    envelopes: json(envelopes),
    changedAt: step.at,
    ledgerIndex: step.index,
  };
  await step.tx.custody.upsert({
    where: { organizationId: step.organization },
    create: { organizationId: step.organization, ...row },
    update: row,
  });
}
