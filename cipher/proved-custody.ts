/**
 * Rows are hearsay; statements are signed. Everything a provider call is made from (which key, which connection,
 * which envelope) is compared here with what the custody signer signed, before the call. Somebody who owns the
 * database but not the signer can take service away, but can't redirect a write or bring back old custody.
 */
import { createHash } from 'node:crypto';
import { type Connection, connectionDigest } from '../domain/connection';
import type { EnvelopeRecord } from '../domain/custody';
import { ProviderFailure } from '../domain/failure';
import type { Epoch, KeyRef, KeyVersion, LedgerIndex, OrganizationId, Sha256Hex } from '../domain/ids';
import type { StatementVerifier } from '../domain/ports/authority';
import type { CustodySnapshot } from '../domain/ports/content';
import type { CustodyStatement } from '../domain/statement';

/** `ProviderFailure('STATEMENT_INVALID')` that also says, to the operator only, which check it failed. */
export class StatementRefused extends ProviderFailure {
  constructor(readonly check: string) {
    super('STATEMENT_INVALID');
  }
}

export interface ProvedEnvelope {
  readonly wrapped: Uint8Array;
  readonly checkValue: Sha256Hex;
}

export interface ProvedCustody {
  readonly epoch: Epoch;
  /** Of the sealed statement that the snapshot has; `null`: it has none. */
  readonly sealedAt: LedgerIndex | null;
  readonly currentVersion: KeyVersion;
  /** The one key that every live envelope is unwrapped with. */
  readonly keyRef: KeyRef;
  /** `null` under platform custody. */
  readonly connection: Connection | null;
  /** Whether the organization has a live envelope of this version, by the signed statement. */
  has(version: KeyVersion): boolean;
  /** @throws StatementRefused */
  envelope(version: KeyVersion): Promise<ProvedEnvelope>;
}

/** What a snapshot must agree with beside its own statements. */
export interface Expected {
  readonly organization: OrganizationId;
  /** The highest epoch that was known before the snapshot was read. */
  readonly leastEpoch: Epoch;
  /** Ledger index of the last sealed statement ever seen: it stays known even if its row has gone. */
  readonly sealedAt: LedgerIndex | null;
}

/** @throws StatementRefused */
export async function proveCustody(
  snapshot: CustodySnapshot,
  expected: Expected,
  verifier: StatementVerifier,
): Promise<ProvedCustody> {
  const { organization, leastEpoch, sealedAt } = expected;
  const row = snapshot.custody;
  const statement = await signed('custody-signature', verifier.custody(row.statement));
  demand(
    'custody-organization',
    statement.organization === organization && row.organization === organization,
  );
  demand('custody-row', row.custody === statement.custody && row.epoch === statement.epoch);
  demand('custody-row', row.currentVersion === statement.currentVersion);
  demand('custody-row', row.connectionId === statement.connectionId);
  demand('custody-epoch', statement.epoch >= leastEpoch);
  const sealed = await provedSeal(snapshot.sealed, statement, verifier);
  await provePlatform(snapshot.offboarded, statement, latest(sealed, sealedAt), verifier);
  const connection = provedConnection(snapshot.connection, statement);
  const has = (version: KeyVersion) => Object.hasOwn(statement.envelopes, String(version));
  demand('custody-current-version', has(statement.currentVersion));
  return {
    epoch: statement.epoch,
    sealedAt: sealed,
    currentVersion: statement.currentVersion,
    keyRef: statement.keyRef,
    connection,
    has,
    envelope: (version) => provedEnvelope(snapshot.envelopes, version, statement, verifier),
  };
}

async function provedSeal(
  sealed: string | null,
  custody: CustodyStatement,
  verifier: StatementVerifier,
): Promise<LedgerIndex | null> {
  if (sealed === null) return null;
  const statement = await signed('sealed-signature', verifier.sealed(sealed));
  demand('sealed-organization', statement.organization === custody.organization);
  return statement.ledgerIndex;
}

/**
 * Once a platform key was sealed, custody goes back to the platform by one switch only: one that both sides approved,
 * later than the seal, to a new key. Its statement is of the same entry as the custody statement, so neither serves
 * beside another one of its kind.
 */
async function provePlatform(
  offboarded: string | null,
  custody: CustodyStatement,
  sealedAt: LedgerIndex | null,
  verifier: StatementVerifier,
): Promise<void> {
  if (custody.custody === 'customer' || sealedAt === null) return;
  if (offboarded === null) throw new StatementRefused('platform-after-seal');
  const statement = await signed('offboarded-signature', verifier.offboarded(offboarded));
  demand('offboarded-organization', statement.organization === custody.organization);
  demand('offboarded-after-seal', statement.ledgerIndex > sealedAt);
  demand('offboarded-switch', statement.ledgerIndex === custody.ledgerIndex);
  demand('offboarded-switch', statement.operationId === custody.operationId);
  demand('offboarded-switch', statement.epoch === custody.epoch);
  demand('offboarded-key', statement.platformKeyRef === custody.keyRef);
}

const latest = (one: LedgerIndex | null, other: LedgerIndex | null): LedgerIndex | null =>
  one === null || (other !== null && other > one) ? other : one;

function provedConnection(row: Connection | null, custody: CustodyStatement): Connection | null {
  if (custody.custody === 'platform') {
    demand('platform-connection', row === null && custody.connectionId === null);
    demand('platform-connection', custody.connectionDigest === null);
    return null;
  }
  if (row === null) throw new StatementRefused('connection-missing');
  demand('connection-row', row.id === custody.connectionId && row.organization === custody.organization);
  demand('connection-key', row.pinnedKeyRef === custody.keyRef);
  demand('connection-digest', row.digest === custody.connectionDigest);
  // The row's digest is only a column: what is signed must be what its fields come to.
  demand('connection-digest', digestOfRow(row) === custody.connectionDigest);
  return row;
}

function digestOfRow(row: Connection): Sha256Hex | null {
  try {
    return connectionDigest(row.organization, row.externalId, row.input);
  } catch {
    // Something that isn't even JSON: nothing we ever signed.
    return null;
  }
}

async function provedEnvelope(
  rows: readonly EnvelopeRecord[],
  version: KeyVersion,
  custody: CustodyStatement,
  verifier: StatementVerifier,
): Promise<ProvedEnvelope> {
  const digest = custody.envelopes[String(version)];
  // The statement chooses among rows of the same version: while custody is being switched there may be two.
  const row = rows.find((each) => each.version === version && sha256Of(each.wrapped) === digest);
  if (digest === undefined || row === undefined) throw new StatementRefused('envelope-missing');
  const statement = await signed('envelope-signature', verifier.envelope(row.statement));
  demand('envelope-organization', statement.organization === custody.organization);
  demand('envelope-version', statement.version === version);
  demand('envelope-bytes', statement.wrappedSha256 === digest);
  demand('envelope-custody', statement.custody === custody.custody);
  demand('envelope-connection', statement.connectionId === custody.connectionId);
  demand('envelope-key', statement.keyRef === custody.keyRef);
  demand('envelope-row', row.organization === statement.organization && row.custody === statement.custody);
  demand('envelope-row', row.connectionId === statement.connectionId && row.keyRef === statement.keyRef);
  demand('envelope-row', row.wrappedSha256 === digest && row.checkValue === statement.checkValue);
  demand('envelope-row', row.operationId === statement.operationId && row.epoch === statement.epoch);
  return { wrapped: row.wrapped, checkValue: statement.checkValue };
}

async function signed<T>(check: string, verification: Promise<T>): Promise<T> {
  try {
    return await verification;
  } catch {
    throw new StatementRefused(check);
  }
}

function demand(check: string, holds: boolean): void {
  if (!holds) throw new StatementRefused(check);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
