import type { OrganizationId } from '../../domain/ids';
import { troubleOf } from '../../domain/ports/archive';
import type { Publication, PublishedPart } from '../../domain/ports/publication';
import { type Frontier, frontierToBytes } from '../../ledger/verify/frontier';
import type { Queries } from '../database';
import type { Logger } from '../logger';
import { findLines } from '../queries/ledger';
import { findTexts } from '../queries/publishable';

type Unsigned = Omit<PublishedPart, 'checkpoint'>;

/**
 * Publishes what each signed head is over, as soon as it is signed: what the signer remembers is then outside the database
 * too, and a lost database can be brought to it. Where nothing can be published, commits go on, and the audit says so.
 */
export class Publisher {
  /** How far each ledger was published, as far as this process knows; too little makes a longer part. */
  private readonly reached = new Map<OrganizationId, number>();

  constructor(
    private readonly publication: Pick<Publication, 'latest' | 'publish'>,
    private readonly logger: Logger,
  ) {}

  /** The part from what was published last to this head; `null`: there is nothing new, or it can't be told. */
  async read(queries: Queries, organization: OrganizationId, frontier: Frontier): Promise<Unsigned | null> {
    const { size } = frontier;
    const from = await this.publishedUpTo(organization);
    if (from === null || from >= size) return null;
    const rows = await findLines(queries, organization, from, size - from);
    const texts = await findTexts(queries, organization, from, size);
    const lines = rows.map(({ entry }) => entry);
    return { organization, from, size, frontier: frontierToBytes(frontier), texts, lines };
  }

  async publish(part: PublishedPart): Promise<void> {
    const { organization, size } = part;
    try {
      await this.publication.publish(part);
      this.reached.set(organization, size);
    } catch (error) {
      this.failed(organization, error);
    }
  }

  private async publishedUpTo(organization: OrganizationId): Promise<number | null> {
    const reached = this.reached.get(organization);
    if (reached !== undefined) return reached;
    try {
      return (await this.publication.latest(organization))?.size ?? 0;
    } catch (error) {
      this.failed(organization, error);
      return null;
    }
  }

  private failed(organization: OrganizationId, error: unknown): void {
    const what = { event: 'publication.failed', organization, ...troubleOf(error) };
    this.logger.warn(what, 'the audit publishes it');
  }
}
