import type { ConnectionInput } from '../../domain/connection';
import type { OrganizationId } from '../../domain/ids';
import type { Queries } from '../database';

/** The identity we act as: what the confused-deputy rule is about, together with the key. */
export function identityOf(input: ConnectionInput): string {
  switch (input.provider) {
    case 'aws-kms':
      return input.credential.roleArn;
    default: {
      const unknown: never = input.provider;
      throw new Error(`unknown provider ${String(unknown)}`);
    }
  }
}

export interface Resources {
  readonly identity: string | null;
  /** A key under each of its names: as entered, and as pinned. */
  readonly keys: readonly string[];
}

/** Another organization whose custody or open operation uses this identity or key. */
export async function ownerOf(
  queries: Queries,
  resources: Resources,
  except: OrganizationId,
): Promise<OrganizationId | null> {
  const [row] = await queries.$queryRaw<{ organization_id: string }[]>`
    SELECT k.organization_id FROM connection k
    WHERE k.organization_id <> ${except}::uuid
      AND (k.identity = ${resources.identity} OR k.key = ANY(${[...resources.keys]}) OR EXISTS (
        SELECT FROM verification v
        WHERE v.connection_id = k.id AND v.clean AND v.key_ref = ANY(${[...resources.keys]})))
      AND (EXISTS (SELECT FROM custody c WHERE c.connection_id = k.id)
        OR EXISTS (SELECT FROM operation o WHERE o.connection_id = k.id AND o.stage <> 'closed'))
    LIMIT 1`;
  return (row?.organization_id ?? null) as OrganizationId | null;
}
