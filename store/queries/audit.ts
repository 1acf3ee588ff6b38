import type { OrganizationId } from '../../domain/ids';
import type { UnexplainedRow } from '../contract';
import type { Queries } from '../database';
import { findUnexplainedDrift } from './audit-drift';
import { findUnexplainedIncidents } from './audit-incidents';
import { findUnexplainedInputs } from './audit-inputs';
import { findUnexplainedNotices } from './audit-notices';
import { findUnexplainedReferences } from './audit-references';
import { findUnexplainedRows } from './audit-rows';

/** Rows that no entry explains, and entries whose row is gone. @param only of this organization; `null`: of all */
export async function findUnexplained(
  queries: Queries,
  only: OrganizationId | null,
): Promise<readonly UnexplainedRow[]> {
  return [
    ...(await findUnexplainedRows(queries, only)),
    ...(await findUnexplainedInputs(queries, only)),
    ...(await findUnexplainedIncidents(queries, only)),
    ...(await findUnexplainedReferences(queries, only)),
    ...(await findUnexplainedNotices(queries, only)),
    ...(await findUnexplainedDrift(queries, only)),
  ];
}
