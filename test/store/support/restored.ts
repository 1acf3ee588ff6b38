import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { createStatementVerifier } from '../../../authority';
import { createStore, type Store } from '../../../store';
import { type Restored, restoreAll } from '../../../workers/restore/restoring';
import { copyOf } from '../../e2e/deployment/database-copy';
import { provided } from '../../harness/variables';
import type { auditing } from './audit';
import { DEPLOYMENT, type Opened } from './opened';

/** Tables whose rows the ledger explains, or that commits write: what a restore brings back. */
const TABLES = [
  ...['organization', 'ledger_head', 'ledger_entry', 'operation', 'signed_order', 'approver_key'],
  ...['approver_removal', 'reference_registration', 'reference_confirmation', 'reference_withdrawal'],
  ...[
    'connection',
    'verification',
    'dry_run',
    'dry_run_review',
    'approval',
    'envelope',
    'key_version',
    'custody',
  ],
  ...[
    'statement',
    'platform_key',
    'handoff',
    'refusal_count',
    'usage_minute',
    'rotation_due',
    'incident_note',
  ],
  ...['content_refusal', 'drift', 'notice_endpoint', 'notice_endpoint_removal', 'maintenance_window'],
  ...['maintenance_cancellation', 'usage', 'incident'],
];

export interface Backup {
  readonly store: Store;
  /** Every row of those tables but what names nothing: serial numbers, and instants that no entry has. */
  rows(): Promise<Readonly<Record<string, readonly unknown[]>>>;
  restore(): Promise<readonly Restored[]>;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

async function rowsOf(sql: Backup['sql']): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const all: Record<string, readonly unknown[]> = {};
  for (const table of TABLES) {
    const left = table === 'usage' ? " - 'id'" : table === 'organization' ? " - 'created_at'" : '';
    const found = await sql(`SELECT to_jsonb(t)${left} AS row FROM ${table} t`);
    all[table] = found.map(({ row }) => JSON.stringify(row)).sort();
  }
  return all;
}

/** What the database is now, as a backup of it. */
export async function backupOf(opened: Opened, audit: Awaited<ReturnType<typeof auditing>>): Promise<Backup> {
  const { ownerUrl, appUrl: url, signer } = opened;
  const copy = await copyOf({ url, ownerUrl, adminUrl: provided('postgres'), drop: async () => undefined });
  const { publication } = audit.deps;
  if (publication === null) throw new Error('nothing is published');
  const options = {
    url: copy.url,
    deployment: DEPLOYMENT,
    mode: 'development',
    random: randomBytes,
  } as const;
  const store = createStore(options, signer, { warn: () => undefined });
  const pool = new Pool({ connectionString: copy.ownerUrl, max: 2 });
  pool.on('error', () => undefined);
  const sql: Backup['sql'] = async (text, values = []) => (await pool.query(text, [...values])).rows;
  return {
    store,
    sql,
    rows: () => rowsOf(sql),
    async restore() {
      const statements = createStatementVerifier([(await signer.keys()).custodyJwk]);
      const deps = { store, signer, publication, statements, deployment: DEPLOYMENT };
      const results: Restored[] = [];
      for await (const { organization: _, name: __, ...each } of restoreAll(deps, {
        only: null,
        isDry: false,
      }))
        results.push(each);
      return results;
    },
    async drop() {
      await store.close();
      await pool.end();
      await copy.drop();
    },
  };
}

/** The same of the database itself. */
export const rowsNow = ({ sql }: Pick<Opened, 'sql'>) => rowsOf((text, values) => sql(text, values));
