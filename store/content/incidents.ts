import type { Pool } from 'pg';
import type { ProviderCode } from '../../domain/codes';
import type { OrganizationId, RequestId } from '../../domain/ids';

interface Batch {
  /** Of the first refusal in it. */
  readonly code: ProviderCode;
  readonly requestId: RequestId | null;
  /** Content operations, by what they were refused with. */
  readonly byCode: Map<ProviderCode, number>;
  probes: number;
  written: Promise<void>;
}

/** What was refused: an operation on content, or a probe of ours. */
type Refused = 'operation' | 'probe';

/**
 * The outbox of incidents: one open per organization, however many of its requests fail. Thousands of failing
 * requests must not queue up for one row, so while a write is under way the others are counted into the next. From
 * these rows the ledger's entries are written (`incident-entries.ts`, `content-refusals.ts`) and recoveries are started
 * (`workers/relay.ts`).
 */
export class Incidents {
  private readonly collecting = new Map<OrganizationId, Batch>();
  private readonly writing = new Map<OrganizationId, Promise<void>>();

  constructor(private readonly pool: Pool) {}

  /** Resolves when this refusal is written. */
  refused(
    what: Refused,
    organization: OrganizationId,
    code: ProviderCode,
    requestId: RequestId | null,
  ): Promise<void> {
    const present = this.collecting.get(organization);
    if (present !== undefined) {
      count(present, what, code);
      return present.written;
    }
    const batch: Batch = { code, requestId, byCode: new Map(), probes: 0, written: Promise.resolve() };
    count(batch, what, code);
    this.collecting.set(organization, batch);
    batch.written = this.inTurn(organization, () => {
      this.collecting.delete(organization);
      return this.write(organization, batch);
    });
    return batch.written;
  }

  /** An operation was answered: the open incident's recovery has a reason to look at once. */
  answered(organization: OrganizationId): Promise<void> {
    return this.inTurn(organization, async () => {
      await this.pool.query({
        name: 'answered',
        text: `UPDATE incident SET answered_at = clock_timestamp()
          WHERE organization_id = $1 AND closed_at IS NULL AND answered_at IS NULL`,
        values: [organization],
      });
    });
  }

  private inTurn(organization: OrganizationId, run: () => Promise<void>): Promise<void> {
    const before = this.writing.get(organization) ?? Promise.resolve();
    const done = before.then(run);
    const settled = done
      .catch(() => undefined)
      .then(() => {
        if (this.writing.get(organization) === settled) this.writing.delete(organization);
      });
    this.writing.set(organization, settled);
    return done;
  }

  private async write(
    organization: OrganizationId,
    { code, requestId, byCode, probes }: Batch,
  ): Promise<void> {
    // In one order in every process, so that none waits for another that waits for it.
    const codes = [...byCode.keys()].sort();
    const counts = codes.map((each) => byCode.get(each) ?? 0);
    const refusals = counts.reduce((sum, each) => sum + each, 0);
    const query = {
      name: 'refused',
      text: REFUSED,
      values: [organization, code, requestId, refusals, codes, counts, probes],
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.pool.query(query);
        return;
      } catch (error) {
        // Another process opened one between our look and our reopening: this one is counted into that.
        const wasOpened = (error as { code?: unknown }).code === UNIQUE_VIOLATION;
        if (!wasOpened || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

function count(batch: Batch, what: Refused, code: ProviderCode): void {
  if (what === 'probe') batch.probes += 1;
  else batch.byCode.set(code, (batch.byCode.get(code) ?? 0) + 1);
}

const UNIQUE_VIOLATION = '23505';
const ATTEMPTS = 3;

/**
 * Counts refused operations into their minute, by code, and all into the open incident, or into the one of this code
 * that was closed less than a minute ago: a key that answers and refuses by turns is one incident, not one at each turn.
 */
const REFUSED = `
  WITH moment AS (SELECT date_trunc('milliseconds', clock_timestamp()) AS now), counted AS (
    INSERT INTO content_refusal (organization_id, minute, code, refusals)
    SELECT $1::uuid, date_trunc('minute', m.now), c.code, c.refusals
    FROM moment m, unnest($5::text[], $6::int[]) AS c(code, refusals)
    ON CONFLICT (organization_id, minute, code)
    DO UPDATE SET refusals = content_refusal.refusals + EXCLUDED.refusals
  ), reopened AS (
    UPDATE incident SET closed_at = NULL, proof = NULL, answered_at = NULL, relayed_at = NULL,
      refusals = incident.refusals + $4::int, probes = incident.probes + $7::int, last_refusal_at = m.now
    FROM moment m
    WHERE incident.id = (
        SELECT i.id FROM incident i
        WHERE i.organization_id = $1::uuid AND i.code = $2::text AND i.closed_index IS NULL
          AND i.closed_at > m.now - interval '1 minute'
        ORDER BY i.id DESC LIMIT 1)
      AND incident.closed_index IS NULL
      AND NOT EXISTS (SELECT FROM incident o WHERE o.organization_id = $1::uuid AND o.closed_at IS NULL)
    RETURNING incident.id
  )
  INSERT INTO incident (organization_id, code, request_id, refusals, probes, opened_at, last_refusal_at)
  SELECT $1::uuid, $2::text, $3::text, $4::int, $7::int, m.now, m.now
  FROM moment m WHERE NOT EXISTS (SELECT FROM reopened)
  ON CONFLICT (organization_id) WHERE closed_at IS NULL
  DO UPDATE SET refusals = incident.refusals + EXCLUDED.refusals, probes = incident.probes + EXCLUDED.probes,
    answered_at = NULL, last_refusal_at = greatest(incident.last_refusal_at, EXCLUDED.last_refusal_at)`;
