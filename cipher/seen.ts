import type { Epoch, LedgerIndex, OrganizationId } from '../domain/ids';
import type { Clock } from './clock';
import { deadlineAfter } from './deadline';
import { type CipherEvents, databaseCodeOf } from './events';

/** How old the signer's word may be for an organization that is in use. */
const FLOOR_AGE_MS = 60_000;
/** How long a group waits for it when it has an older word already. */
const PATIENCE_MS = 250;

/**
 * What this process knows of each organization's custody. It only grows, and it lives outside the database:
 * whoever puts old, truly signed rows back is found out by it.
 *
 * Two sources: the epochs this process has seen, and the signer's floor. The floor is what tells of switches that
 * this process has *not* seen, before it started or while the organization was idle here; so it is asked again when
 * it is a minute old. Without a first answer nothing is read. A later one that fails or is slow leaves what is
 * known: content doesn't stop because the signer does.
 */
export class Seen {
  readonly #epochs = new Map<OrganizationId, Epoch>();
  readonly #askedAt = new Map<OrganizationId, number>();
  readonly #sealedAt = new Map<OrganizationId, LedgerIndex>();

  constructor(
    private readonly epochFloor: (organization: OrganizationId) => Promise<Epoch>,
    private readonly clock: Clock,
    private readonly events: CipherEvents,
  ) {}

  /**
   * The least epoch that a read *begun now* may show. Taken before the read: a group that began before a switch
   * may well finish after a younger one that saw it.
   * @throws what the signer's client throws, at the first use of an organization.
   */
  async leastEpoch(organization: OrganizationId): Promise<Epoch> {
    const known = this.#epochs.get(organization);
    const askedAt = this.#askedAt.get(organization);
    if (known === undefined || askedAt === undefined) {
      this.sawEpoch(organization, await this.epochFloor(organization));
      this.#askedAt.set(organization, this.clock.now());
    } else if (this.clock.now() - askedAt >= FLOOR_AGE_MS) {
      // Noted before it is asked, so that one group waits for it and not every one meanwhile.
      this.#askedAt.set(organization, this.clock.now());
      await this.#askAgain(organization);
    }
    return this.#epochs.get(organization) ?? (0 as Epoch);
  }

  sawEpoch(organization: OrganizationId, epoch: Epoch): void {
    if (epoch > (this.#epochs.get(organization) ?? -1)) this.#epochs.set(organization, epoch);
  }

  /** Ledger index of the last platform-sealed statement seen; `null`: none was. */
  sealedAt(organization: OrganizationId): LedgerIndex | null {
    return this.#sealedAt.get(organization) ?? null;
  }

  sawSealed(organization: OrganizationId, at: LedgerIndex): void {
    if (at > (this.#sealedAt.get(organization) ?? -1)) this.#sealedAt.set(organization, at);
  }

  async #askAgain(organization: OrganizationId): Promise<void> {
    const patience = deadlineAfter(PATIENCE_MS, this.clock);
    try {
      const late = (floor: Epoch): void => this.sawEpoch(organization, floor);
      this.sawEpoch(organization, await patience.race(this.epochFloor(organization), late));
    } catch (error) {
      this.events.onTrouble({ organization, what: 'epoch-floor', detail: databaseCodeOf(error) });
    } finally {
      patience.end();
    }
  }
}
