import type { Actor } from '../../domain/actor';
import type { Code } from '../../domain/codes';
import {
  type Instant,
  instantOf,
  type LedgerIndex,
  type OperationId,
  type OrganizationId,
  type OrganizationName,
} from '../../domain/ids';
import {
  type OperationFacts,
  type OperationToTell,
  TOLD_KINDS,
  type ToldKind,
} from '../../domain/operation-facts';
import type { Outcome } from '../../domain/stages';
import type { Queries } from '../database';

interface Entry {
  readonly at: Instant;
  readonly actor: Pick<Actor, 'kind'>;
  readonly body: { readonly kind?: ToldKind; readonly outcome?: Outcome; readonly reason?: Code | null };
}

/**
 * One operation as its entries have it, whatever its row says; `null` where none opened one of a kind that is told of. Its
 * end is the erasure of what the former key had to open, or its closing without that.
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
  if (kind === undefined) return null;
  const { name } = await queries.organization.findUniqueOrThrow({ where: { id: opening.organizationId } });
  const end = entries.find(({ type }) => type !== 'operation-opened');
  return {
    ...{ id, kind, startedBy: actor.kind, openedAt: at },
    organization: { id: opening.organizationId as OrganizationId, name: name as OrganizationName },
    openedIndex: opening.index as LedgerIndex,
    end: end === undefined ? null : endOf(end),
  };
}

function endOf({ type, entry, index, at }: { type: string; entry: string; index: number; at: Date }) {
  const { body } = JSON.parse(entry) as Entry;
  const isSwitched = type === 'superseded-envelopes-erased';
  return {
    outcome: isSwitched ? 'completed' : (body.outcome ?? 'abandoned'),
    reason: isSwitched ? null : (body.reason ?? null),
    at: instantOf(at.getTime()),
    index: index as LedgerIndex,
  } as const;
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
