import type { Client } from 'pg';
import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import { identityOf } from '../../../domain/connection';
import type { OrganizationRows } from '../../fakes/cipher/organization';

/** Puts an organization in customer custody straight into the tables that the cipher's read goes to. */
export async function insertOrganization(database: Client, rows: OrganizationRows): Promise<void> {
  const { id, custody, envelopes, connection } = rows;
  if (connection === null) throw new Error('the organization must be in customer custody');
  const operation = envelopes[0]?.operationId;
  const insert = (table: string, columns: Record<string, unknown>) => {
    const names = Object.keys(columns);
    const places = names.map((_, i) => `$${i + 1}`);
    return database.query(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`,
      Object.values(columns),
    );
  };
  await insert('organization', {
    id,
    name: `bench-${id}`,
    external_id: connection.externalId,
    created_at: custody.changedAt,
  });
  await insert('connection', {
    id: connection.id,
    organization_id: id,
    operation_id: operation,
    external_id: connection.externalId,
    provider: connection.input.provider,
    input: canonicalJson(connection.input as JsonObject),
    identity: identityOf(connection.input),
    key: connection.input.key,
    digest: connection.digest,
    ledger_index: 3,
  });
  await insert('verification', {
    organization_id: id,
    ledger_index: 4,
    operation_id: operation,
    connection_id: connection.id,
    findings: '[]',
    clean: true,
    key_ref: connection.pinnedKeyRef,
  });
  for (const envelope of envelopes) {
    await insert('envelope', {
      organization_id: id,
      wrapped_sha256: envelope.wrappedSha256,
      version: envelope.version,
      custody: envelope.custody,
      connection_id: envelope.connectionId,
      wrapped: envelope.wrapped,
      key_ref: envelope.keyRef,
      check_value: envelope.checkValue,
      minted: true,
      operation_id: envelope.operationId,
      epoch: envelope.epoch,
      statement: envelope.statement,
      ledger_index: 10 + envelope.version,
    });
  }
  await insert('custody', {
    organization_id: id,
    custody: custody.custody,
    epoch: custody.epoch,
    current_version: custody.currentVersion,
    connection_id: custody.connectionId,
    sealing: false,
    statement: custody.statement,
    envelopes: JSON.stringify(
      Object.fromEntries(envelopes.map(({ version, wrappedSha256 }) => [version, wrappedSha256])),
    ),
    changed_at: custody.changedAt,
    ledger_index: 20,
  });
}
