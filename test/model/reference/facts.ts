import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { OrganizationId } from '../../../domain/ids';
import type { Entry } from './entry';

/** What the database says of one organization, in one read. */
export interface Facts {
  readonly custody: {
    readonly custody: 'platform' | 'customer';
    readonly currentVersion: number;
    readonly statement: string;
    readonly sealed: string | null;
  } | null;
  readonly envelopes: readonly {
    readonly version: number;
    readonly custody: 'platform' | 'customer';
    readonly keyRef: string;
    readonly sha256: string;
    /** Of its bytes, as they are. */
    readonly is: string | null;
    /** Base64; `null`: erased. */
    readonly wrapped: string | null;
    readonly statement: string;
  }[];
  readonly versions: readonly { readonly version: number; readonly checkValue: string }[];
  readonly operations: readonly {
    readonly id: string;
    readonly kind: string;
    readonly epoch: number;
    readonly stage: string;
    readonly holdsLock: boolean;
  }[];
  readonly openIncidents: number;
  /** Those since the last look. */
  readonly entries: readonly string[];
  /** Of those before. */
  readonly before: string | null;
  readonly size: number;
}

const TEXT = `
SELECT json_build_object(
  'custody', (SELECT json_build_object('custody', custody, 'currentVersion', current_version, 'statement', statement,
    'sealed', sealed) FROM custody WHERE organization_id = $1),
  'envelopes', (SELECT coalesce(json_agg(json_build_object('version', version, 'custody', custody, 'keyRef', key_ref,
    'sha256', wrapped_sha256, 'is', encode(sha256(wrapped), 'hex'), 'wrapped', encode(wrapped, 'base64'),
    'statement', statement) ORDER BY ledger_index), '[]') FROM envelope WHERE organization_id = $1),
  'versions', (SELECT coalesce(json_agg(json_build_object('version', version, 'checkValue', check_value)
    ORDER BY version), '[]') FROM key_version WHERE organization_id = $1),
  'operations', (SELECT coalesce(json_agg(json_build_object('id', id, 'kind', kind, 'epoch', epoch, 'stage', stage,
    'holdsLock', holds_lock) ORDER BY epoch), '[]') FROM operation WHERE organization_id = $1),
  'openIncidents', (SELECT count(*) FROM incident WHERE organization_id = $1 AND closed_at IS NULL),
  'entries', (SELECT coalesce(json_agg(entry ORDER BY index), '[]') FROM ledger_entry
    WHERE organization_id = $1 AND index >= $2),
  'before', (SELECT encode(sha256(convert_to(string_agg(entry, chr(10) ORDER BY index), 'UTF8')), 'hex')
    FROM ledger_entry WHERE organization_id = $1 AND index < $2),
  'size', (SELECT size FROM ledger_head WHERE organization_id = $1)) AS facts`;

export async function readFacts(owner: Pool, organization: OrganizationId, from: number): Promise<Facts> {
  const query = { name: 'facts', text: TEXT, values: [organization, from] };
  const { rows } = await owner.query<{ facts: Facts }>(query);
  const [row] = rows;
  if (row === undefined) throw new Error('no facts');
  return row.facts;
}

/** As the database computes `before`. */
export const digestOfEntries = (entries: readonly string[]): string | null =>
  entries.length === 0 ? null : createHash('sha256').update(entries.join('\n')).digest('hex');

export const parsed = (entry: string): Entry => JSON.parse(entry) as Entry;
