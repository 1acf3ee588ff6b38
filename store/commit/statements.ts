import type { Custody } from '../../domain/custody';
import type { ConnectionId, KeyRef, KeyVersion, Sha256Hex } from '../../domain/ids';
import type { OffboardedStatement, Statement, StatementKind } from '../../domain/statement';
import type { OperationStep } from './step';

/** Has a statement signed and keeps it beside its entry. It names the entry's index, so nobody can move it. */
async function sign(step: OperationStep, kind: StatementKind, statement: Statement): Promise<string> {
  const jws = await step.signer.signStatement(kind, statement);
  await step.tx.statement.create({
    data: { organizationId: step.organization, ledgerIndex: step.index, kind, jws },
  });
  return jws;
}

const place = (step: OperationStep) => ({
  organization: step.organization,
  operationId: step.fence.operationId,
  epoch: step.fence.epoch,
  ledgerIndex: step.index,
});

export function signEnvelope(
  step: OperationStep,
  envelope: {
    version: KeyVersion;
    custody: Custody;
    connectionId: ConnectionId | null;
    wrappedSha256: Sha256Hex;
    checkValue: Sha256Hex;
    keyRef: KeyRef;
  },
): Promise<string> {
  return sign(step, 'envelope', { type: 'smsk-envelope/v1', ...envelope, ...place(step) });
}

export function signCustody(
  step: OperationStep,
  custody: {
    custody: Custody;
    currentVersion: KeyVersion;
    connectionId: ConnectionId | null;
    connectionDigest: Sha256Hex | null;
    keyRef: KeyRef;
    envelopes: Record<string, Sha256Hex>;
  },
): Promise<string> {
  return sign(step, 'custody', { type: 'smsk-custody/v1', ...custody, ...place(step) });
}

export function signOffboarded(
  step: OperationStep,
  approved: Pick<
    OffboardedStatement,
    'platformKeyRef' | 'planDigest' | 'customerApproval' | 'operatorApproval'
  >,
): Promise<string> {
  return sign(step, 'offboarded', { type: 'smsk-offboarded/v1', ...approved, ...place(step) });
}

export function signSealed(step: OperationStep, platformKeyRef: KeyRef): Promise<string> {
  return sign(step, 'sealed', { type: 'smsk-platform-sealed/v1', platformKeyRef, ...place(step) });
}
