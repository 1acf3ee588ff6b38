import { type Connection, connectionDigest } from '../domain/connection';
import type { EnvelopeRecord } from '../domain/custody';
import { sha256Hex } from '../domain/digest';
import { ProviderFailure } from '../domain/failure';
import type { KeyRef, KeyVersion, OrganizationId } from '../domain/ids';
import type { StatementVerifier } from '../domain/ports/authority';
import type { CustodyStatement, EnvelopeStatement } from '../domain/statement';
import type { LockedFacts } from '../store/contract';
import type { CustodyDeps } from './deps';
import type { Place } from './step';

type Deps = Pick<CustodyDeps, 'store' | 'statements'>;

/** What an organization's reads and writes go by now, as signed. */
export interface CustodyInUse {
  readonly statement: CustodyStatement;
  readonly connection: Connection;
  /** Key versions that are live, lowest first. */
  readonly versions: readonly KeyVersion[];
}

/**
 * Custody, judged by signatures: whoever can write rows must not have a workspace key unwrapped and wrapped under a key
 * of theirs.
 * @throws ProviderFailure STATEMENT_INVALID where it isn't the customer's, or the rows aren't what was signed
 */
export async function custodyInUse(
  { store, statements }: Deps,
  { organization: { id, name } }: Pick<Place, 'organization'>,
): Promise<CustodyInUse> {
  const custody = (await store.status(name))?.custody ?? null;
  if (custody === null) throw new ProviderFailure('STATEMENT_INVALID');
  const statement = await statements.custody(custody.statement);
  const { connectionId } = statement;
  const connection = connectionId === null ? null : await store.connection(connectionId);
  const isSigned =
    statement.organization === id &&
    statement.custody === 'customer' &&
    connection?.organization === id &&
    connectionDigest(id, connection.externalId, connection.input) === statement.connectionDigest;
  if (connection === null || !isSigned) throw new ProviderFailure('STATEMENT_INVALID');
  const versions = Object.keys(statement.envelopes).map((version) => Number(version) as KeyVersion);
  return { statement, connection, versions: versions.sort((a, b) => a - b) };
}

/** One of its live envelopes, with its own statement. @throws ProviderFailure STATEMENT_INVALID */
export async function liveEnvelope(
  { store, statements }: Deps,
  { statement: custody, connection }: CustodyInUse,
  version: KeyVersion,
): Promise<{ wrapped: Uint8Array; signed: EnvelopeStatement }> {
  const digest = custody.envelopes[String(version)];
  const rows = await store.liveEnvelopes(custody.organization);
  const row = rows.find((each) => each.version === version && sha256Hex(each.wrapped) === digest);
  if (digest === undefined || row === undefined) throw new ProviderFailure('STATEMENT_INVALID');
  const signed = await statements.envelope(row.statement);
  const isThis =
    signed.organization === custody.organization &&
    signed.version === version &&
    signed.wrappedSha256 === digest &&
    signed.custody === 'customer' &&
    signed.connectionId === connection.id &&
    signed.keyRef === custody.keyRef;
  if (!isThis) throw new ProviderFailure('STATEMENT_INVALID');
  return { wrapped: row.wrapped, signed };
}

/**
 * The rows that a switch has locked are what was signed: custody is under this key, and names just these envelopes.
 * @throws ProviderFailure STATEMENT_INVALID
 */
export async function demandInUse(
  statements: StatementVerifier,
  organization: OrganizationId,
  keyRef: KeyRef,
  { custodyStatement, live }: LockedFacts['inUse'],
): Promise<void> {
  const custody = await statements.custody(custodyStatement);
  const isLive =
    custody.organization === organization &&
    custody.keyRef === keyRef &&
    Object.keys(custody.envelopes).length === live.length &&
    live.every(({ version, wrappedSha256 }) => custody.envelopes[String(version)] === wrappedSha256);
  if (!isLive) throw new ProviderFailure('STATEMENT_INVALID');
  for (const envelope of live) {
    await demandSigned(statements, { organization, operationId: envelope.operationId }, envelope);
  }
}

/** An envelope's row says what was signed about it, by this operation. @throws ProviderFailure STATEMENT_INVALID */
export async function demandSigned(
  statements: StatementVerifier,
  { organization, operationId }: Pick<EnvelopeStatement, 'organization' | 'operationId'>,
  envelope: EnvelopeRecord,
): Promise<void> {
  const statement = await statements.envelope(envelope.statement);
  if (
    statement.organization !== organization ||
    statement.operationId !== operationId ||
    statement.version !== envelope.version ||
    statement.wrappedSha256 !== envelope.wrappedSha256 ||
    statement.checkValue !== envelope.checkValue ||
    statement.keyRef !== envelope.keyRef
  ) {
    throw new ProviderFailure('STATEMENT_INVALID');
  }
}
