import { type ConnectionInput, identityOf } from '../../domain/connection';
import { Refusal } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

export interface Resources {
  readonly identity: string;
  /** A key under each of its names: as entered, and as pinned. */
  readonly keys: readonly string[];
}

/**
 * Another organization that has proved its access to this identity or key, by a clean verification, and uses it: in
 * its custody, in an open operation, or in what a backup of ours may hold of an envelope of its. To have named it is no claim: anybody can name anything, and a claim by naming
 * would lock its true owner out, and an answer to a guess would tell who uses what.
 */
export async function ownerOf(
  queries: Queries,
  resources: Resources,
  except: OrganizationId,
): Promise<OrganizationId | null> {
  const keys = [...resources.keys];
  const [row] = await queries.$queryRaw<{ organization_id: string }[]>`
    SELECT k.organization_id FROM connection k
    WHERE k.organization_id <> ${except}::uuid
      AND (k.identity = ${resources.identity} OR k.key = ANY(${keys}) OR EXISTS (
        SELECT FROM verification v WHERE v.connection_id = k.id AND v.clean AND v.key_ref = ANY(${keys})))
      AND EXISTS (SELECT FROM verification v WHERE v.connection_id = k.id AND v.clean)
      AND (EXISTS (SELECT FROM custody c WHERE c.connection_id = k.id)
        OR EXISTS (SELECT FROM operation o WHERE o.connection_id = k.id AND o.stage <> 'closed')
        OR EXISTS (SELECT FROM envelope e
          LEFT JOIN ledger_entry l ON l.organization_id = e.organization_id AND l.index = e.erased_index
          WHERE e.organization_id = k.organization_id AND e.connection_id = k.id AND (e.wrapped IS NOT NULL
            OR (l.entry::jsonb #>> '{body,backupsExpireAt}')::timestamptz > clock_timestamp())))
    LIMIT 1`;
  return (row?.organization_id ?? null) as OrganizationId | null;
}

/**
 * No identity or key serves two organizations. Two that prove access to one at the same time are put in a row by a
 * lock named after it: each has only its own ledger head.
 * @throws Refusal CONNECTION_IN_USE
 */
export async function claimResources(
  tx: Queries,
  resources: Resources,
  organization: OrganizationId,
): Promise<void> {
  const names = [...new Set([resources.identity, ...resources.keys])].sort();
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(${names}::text[]) AS name`;
  if ((await ownerOf(tx, resources, organization)) !== null) throw new Refusal('CONNECTION_IN_USE');
}

/**
 * A connection's identity, and its key under both names. At Azure what is pinned is a version of what was entered; the
 * entered name, which is every version's, is what keeps another organization from taking a version of its own.
 */
export const resourcesOf = (input: ConnectionInput, pinned: string): Resources => ({
  identity: identityOf(input),
  keys: [input.key, pinned],
});
