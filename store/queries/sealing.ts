import type { OrganizationName } from '../../domain/ids';
import type { Queries } from '../database';

/** Organizations whose switch has been sealing for longer than this. */
export async function findSealing(queries: Queries, agoMs: number): Promise<readonly OrganizationName[]> {
  const rows = await queries.$queryRaw<{ name: string }[]>`
    SELECT o.name FROM custody c
    JOIN organization o ON o.id = c.organization_id
    JOIN operation p ON p.organization_id = o.id AND p.stage = 'sealing'
    WHERE c.sealing AND p.stage_since < clock_timestamp() - make_interval(secs => ${agoMs / 1000}::float8)
    ORDER BY o.name`;
  return rows.map(({ name }) => name as OrganizationName);
}
