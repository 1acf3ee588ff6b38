import { Refusal } from '../../domain/failure';
import type { KeyRef, OperationId, OrganizationId } from '../../domain/ids';
import type { RotationAsk } from '../../domain/rotation';
import type { RotationLaunch, RotationRecord } from '../contract';
import type { Queries } from '../database';

type Findings = NonNullable<RotationRecord['verification']>['findings'];

interface Said {
  type: string;
  body: unknown;
}

/**
 * What a rotation was opened to do and what it launched, as the ledger has it, and the verification that counts for it.
 * @throws Refusal OPERATION_UNKNOWN
 */
export async function findRotation(
  queries: Queries,
  organization: OrganizationId,
  operationId: OperationId,
): Promise<RotationRecord> {
  const said = await queries.$queryRaw<Said[]>`
    SELECT type, entry::jsonb -> 'body' AS body FROM ledger_entry
    WHERE organization_id = ${organization}::uuid AND operation_id = ${operationId}::uuid
      AND type IN ('operation-opened', 'rotation-launched')`;
  const bodyOf = (type: string) => said.find((each) => each.type === type)?.body ?? null;
  const opened = bodyOf('operation-opened') as { ask?: RotationAsk } | null;
  if (opened?.ask === undefined) throw new Refusal('OPERATION_UNKNOWN', 'no rotation');
  return {
    ask: opened.ask,
    verification: await verificationOf(queries, organization, operationId),
    launched: bodyOf('rotation-launched') as RotationLaunch | null,
  };
}

async function verificationOf(
  queries: Queries,
  organizationId: OrganizationId,
  operationId: OperationId,
): Promise<RotationRecord['verification']> {
  const { verificationIndex: ledgerIndex } = await queries.operation.findUniqueOrThrow({
    where: { id: operationId },
    select: { verificationIndex: true },
  });
  if (ledgerIndex === null) return null;
  const row = await queries.verification.findUniqueOrThrow({
    where: { organizationId_ledgerIndex: { organizationId, ledgerIndex } },
  });
  const { findings, keyRef, clean } = row;
  return { findings: findings as unknown as Findings, keyRef: keyRef as KeyRef | null, clean };
}
