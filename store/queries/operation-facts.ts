import { type Actor, ROLES, SYSTEM, UNVERIFIED } from '../../domain/actor';
import { type Code, isCode } from '../../domain/codes';
import type { Instant, LedgerIndex, OperationId, OrganizationId, OrganizationName } from '../../domain/ids';
import { type OperationFacts, type OperationToTell, TOLD_KINDS } from '../../domain/operation-facts';
import { OUTCOMES, type Outcome } from '../../domain/stages';
import type { Queries } from '../database';

interface Entry {
  readonly at: Instant;
  readonly actor: { readonly kind: string };
  readonly body: { readonly kind?: string; readonly outcome?: string; readonly reason?: string | null };
}

const ACTORS: readonly Actor['kind'][] = [...ROLES, SYSTEM.kind, UNVERIFIED.kind];

/**
 * One operation as its entries have it, whatever its row says; `null` where none opened one of a kind that is told of. Its
 * end is the erasure of what the former key had to open, or its closing without that. Of entries only words of ours are
 * taken: whoever can write rows writes no sentence into a mail of ours.
 */
export async function findOperationFacts(queries: Queries, id: OperationId): Promise<OperationFacts | null> {
  const entries = await queries.ledgerEntry.findMany({
    where: {
      operationId: id,
      type: { in: ['operation-opened', 'superseded-envelopes-erased', 'operation-closed'] },
    },
    orderBy: { index: 'asc' },
  });
  const opening = entries.find(({ type }) => type === 'operation-opened');
  if (opening === undefined) return null;
  const { at, actor, body } = JSON.parse(opening.entry) as Entry;
  const kind = TOLD_KINDS.find((each) => each === body.kind);
  const startedBy = ACTORS.find((each) => each === actor.kind);
  if (kind === undefined || startedBy === undefined) return null;
  const { name } = await queries.organization.findUniqueOrThrow({ where: { id: opening.organizationId } });
  const end = entries.find(({ type }) => type !== 'operation-opened');
  return {
    ...{ id, kind, startedBy, openedAt: at },
    organization: { id: opening.organizationId as OrganizationId, name: name as OrganizationName },
    openedIndex: opening.index as LedgerIndex,
    end: end === undefined ? null : endOf(end),
  };
}

function endOf({ type, entry, index }: { type: string; entry: string; index: number }) {
  const { at, body } = JSON.parse(entry) as Entry;
  const outcome = OUTCOMES.find((each) => each === body.outcome) ?? 'abandoned';
  const reason = typeof body.reason === 'string' && isCode(body.reason) ? body.reason : null;
  const [how, why]: [Outcome, Code | null] =
    type === 'superseded-envelopes-erased' ? ['completed', null] : [outcome, reason];
  return { outcome: how, reason: why, at, index: index as LedgerIndex };
}

/** Days after its end in which whoever hasn't been told of an operation is: longer than one telling goes on. */
const TOLD_WITHIN = '7 days';

/** Those that are open, or ended not long ago, the oldest first. */
export async function findOperationsToTell(queries: Queries): Promise<readonly OperationToTell[]> {
  const rows = await queries.$queryRaw<{ id: string; name: string; is_ended: boolean }[]>`
    SELECT o.id, g.name, o.stage IN ('handoff', 'closed') AS is_ended FROM operation o
    JOIN organization g ON g.id = o.organization_id
    WHERE o.kind = ANY(${[...TOLD_KINDS]})
      AND (o.stage <> 'closed' OR o.stage_since > clock_timestamp() - ${TOLD_WITHIN}::interval)
    ORDER BY o.opened_at, o.id`;
  return rows.map(({ id, name, is_ended }) => ({
    id: id as OperationId,
    organization: name as OrganizationName,
    isEnded: is_ended,
  }));
}
