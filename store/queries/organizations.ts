import { instantOf, type OrganizationId, type OrganizationName } from '../../domain/ids';
import type { Organization } from '../../generated/prisma/client';
import type { OrganizationRecord } from '../contract';
import type { Queries } from '../database';

export function organizationFrom(row: Organization): OrganizationRecord {
  return {
    id: row.id as OrganizationId,
    name: row.name as OrganizationName,
    externalId: row.externalId,
    createdAt: instantOf(row.createdAt.getTime()),
  };
}

export async function findOrganization(
  queries: Queries,
  name: OrganizationName,
): Promise<OrganizationRecord | null> {
  const row = await queries.organization.findUnique({ where: { name } });
  return row === null ? null : organizationFrom(row);
}

/** By name. */
export async function findOrganizations(queries: Queries): Promise<readonly OrganizationRecord[]> {
  const rows = await queries.organization.findMany({ orderBy: { name: 'asc' } });
  return rows.map(organizationFrom);
}

interface Row {
  id: string;
  name: string;
  external_id: string;
  created_at: Date;
}
const organizationOf = ({ external_id: externalId, created_at: createdAt, ...row }: Row) =>
  organizationFrom({ ...row, externalId, createdAt });

/** By name. */
export async function findWithReferences(queries: Queries): Promise<readonly OrganizationRecord[]> {
  const rows = await queries.$queryRaw<Row[]>`
    SELECT o.id, o.name, o.external_id, o.created_at FROM organization o
    WHERE EXISTS (SELECT 1 FROM reference_registration r WHERE r.organization_id = o.id)
    ORDER BY o.name`;
  return rows.map(organizationOf);
}

/** By name, those after `after`. */
export async function findInCustomerCustody(
  queries: Queries,
  after: OrganizationName | null,
  limit: number,
): Promise<readonly OrganizationRecord[]> {
  const rows = await queries.$queryRaw<Row[]>`
    SELECT o.id, o.name, o.external_id, o.created_at FROM custody c
    JOIN organization o ON o.id = c.organization_id
    WHERE c.custody = 'customer' AND (${after}::text IS NULL OR o.name > ${after})
    ORDER BY o.name LIMIT ${limit}`;
  return rows.map(organizationOf);
}
