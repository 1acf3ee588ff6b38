import { z } from 'zod';
import type { AuditFinding } from '../../domain/audit';
import { ProviderFailure } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import type { StatementVerifier } from '../../domain/ports/authority';
import { STATEMENT_TYPS, type StatementKind } from '../../domain/statement';
import { parseObject } from '../../ledger/verify/canonical-line';
import { toUtf8 } from '../../ledger/verify/encoding';
import type { SignedStatement } from '../../store/contract';

/** Of an entry, what a statement says too. */
const framed = z.object({ operationId: z.string().nullable(), epoch: z.int().nullable() });

/** Statements that our custody key didn't sign for the entry they stand beside. */
export async function unexplainedStatements(
  verifier: StatementVerifier,
  organization: OrganizationId,
  statements: readonly SignedStatement[],
): Promise<readonly AuditFinding[]> {
  const found: AuditFinding[] = [];
  for (const statement of statements) {
    if (await isExplained(verifier, organization, statement)) continue;
    const { index, kind } = statement;
    found.push({ finding: 'statement-unexplained', index, kind });
  }
  return found;
}

const isKind = (kind: string): kind is StatementKind => Object.hasOwn(STATEMENT_TYPS, kind);

async function isExplained(
  verifier: StatementVerifier,
  organization: OrganizationId,
  { index, kind, jws, entry }: SignedStatement,
): Promise<boolean> {
  if (entry === null || !isKind(kind)) return false;
  const said = await verifier[kind](jws).catch((error: unknown) => {
    if (error instanceof ProviderFailure) return null;
    throw error;
  });
  const line = framed.safeParse(parseObject(toUtf8(entry))?.json).data;
  return (
    said !== null &&
    said.organization === organization &&
    said.ledgerIndex === index &&
    said.operationId === line?.operationId &&
    said.epoch === line.epoch
  );
}
