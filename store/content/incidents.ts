import type { Pool } from 'pg';
import type { ProviderCode } from '../../domain/codes';
import type { OrganizationId, RequestId } from '../../domain/ids';

interface Batch {
  readonly code: ProviderCode;
  readonly requestId: RequestId | null;
  refusals: number;
  written: Promise<void>;
}

/**
 * The outbox of incidents: one open per organization, however many of its requests fail. Thousands of failing
 * requests must not queue up for one row, so while a write is under way the others are counted into the next.
 */
export class Incidents {
  private readonly collecting = new Map<OrganizationId, Batch>();
  private readonly writing = new Map<OrganizationId, Promise<void>>();

  constructor(private readonly pool: Pool) {}

  /** Resolves when this refusal is written. */
  refused(organization: OrganizationId, code: ProviderCode, requestId: RequestId | null): Promise<void> {
    const present = this.collecting.get(organization);
    if (present !== undefined) {
      present.refusals += 1;
      return present.written;
    }
    const batch: Batch = { code, requestId, refusals: 1, written: Promise.resolve() };
    this.collecting.set(organization, batch);
    batch.written = this.inTurn(organization, () => {
      this.collecting.delete(organization);
      return this.write(organization, batch);
    });
    return batch.written;
  }

  /** Closes the open incident, if there is one: the present refusals are counted into it. */
  resumed(organization: OrganizationId): Promise<void> {
    return this.inTurn(organization, async () => {
      await this.pool.query({
        name: 'resumed',
        text: `UPDATE incident SET closed_at = clock_timestamp() WHERE organization_id = $1 AND closed_at IS NULL`,
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

  private async write(organization: OrganizationId, { code, requestId, refusals }: Batch): Promise<void> {
    await this.pool.query({
      name: 'refused',
      text: `INSERT INTO incident (organization_id, code, request_id, refusals) VALUES ($1, $2, $3, $4)
        ON CONFLICT (organization_id) WHERE closed_at IS NULL
        DO UPDATE SET refusals = incident.refusals + EXCLUDED.refusals`,
      values: [organization, code, requestId, refusals],
    });
  }
}
