import { Client } from 'pg';

/**
 * Organizations in customer custody, each with an account, a connection and a canary of its own, as far as a sweep looks
 * at them: their rows alone, since making them by activations would take hours.
 */
export async function insertOrganizations(adminUrl: string, first: number, last: number): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      `CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, gen_random_uuid() AS connection, n,
        'arn:aws:kms:eu-central-1:' || lpad(n::text, 12, '1') || ':key/11111111-2222-3333-4444-555555555555' AS key
       FROM generate_series(${first}, ${last}) n`,
    );
    for (const insert of INSERTS) await client.query(insert);
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

const INSERTS = [
  `INSERT INTO organization SELECT id, 'bench-' || id, 'smsk-' || n, now() FROM made`,
  `INSERT INTO ledger_head SELECT id, 0, '' FROM made`,
  `INSERT INTO connection (id, organization_id, operation_id, external_id, provider, input, identity, key, digest, ledger_index)
   SELECT connection, id, id, 'smsk-' || n, 'aws-kms', jsonb_build_object('provider', 'aws-kms', 'region', 'eu-central-1',
     'key', key, 'credential', jsonb_build_object('kind', 'aws-role', 'roleArn', 'arn:aws:iam::' || lpad(n::text, 12, '1')
     || ':role/wrap'))::text, key, key, md5(key), 1 FROM made`,
  `INSERT INTO verification (organization_id, ledger_index, operation_id, connection_id, findings, clean, key_ref,
     canary_wrapped, canary_key_ref)
   SELECT id, 2, id, connection, '[]', true, key, decode(repeat('ab', 184), 'hex'), key FROM made`,
  `INSERT INTO envelope (organization_id, wrapped_sha256, version, custody, connection_id, wrapped, key_ref, check_value,
     minted, operation_id, epoch, statement, ledger_index)
   SELECT id, md5(id::text), 1, 'customer', connection, decode(repeat('cd', 184), 'hex'), key, 'c', true, id, 1, 's', 3
   FROM made`,
  `INSERT INTO custody (organization_id, custody, epoch, current_version, connection_id, sealing, statement, envelopes,
     changed_at, ledger_index)
   SELECT id, 'customer', 1, 1, connection, false, 's', jsonb_build_object('1', md5(id::text)), now(), 4 FROM made`,
];

/** Everybody's turn has come. */
export async function makeAllDue(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`UPDATE probe SET due_at = clock_timestamp() - interval '1 second'`);
  await client.query('VACUUM ANALYZE probe');
  await client.end();
}
