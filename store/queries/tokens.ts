import { ROLES, type Role } from '../../domain/actor';
import type { OrganizationId, Sha256Hex } from '../../domain/ids';
import type { TokenRecord } from '../contract';
import type { Queries } from '../database';

/** `null` for an unknown one and for a revoked one alike. */
export async function findToken(queries: Queries, sha256: Sha256Hex): Promise<TokenRecord | null> {
  const row = await queries.apiToken.findUnique({ where: { sha256 } });
  if (row === null || row.revokedAt !== null) return null;
  const role = ROLES.find((known) => known === row.role);
  if (role === undefined) return null;
  return { role, name: row.name, organization: row.organizationId as OrganizationId | null };
}

/** A token that is there already stays as it is. */
export async function insertToken(
  queries: Queries,
  token: { sha256: Sha256Hex; role: Role; name: string; organization: OrganizationId | null },
): Promise<void> {
  const { sha256, role, name, organization: organizationId } = token;
  await queries.apiToken.createMany({ data: [{ sha256, role, name, organizationId }], skipDuplicates: true });
}

export async function revoke(queries: Queries, sha256: Sha256Hex): Promise<void> {
  await queries.$executeRaw`
    UPDATE api_token SET revoked_at = clock_timestamp() WHERE sha256 = ${sha256} AND revoked_at IS NULL`;
}
