import type { Epoch, OrganizationId } from '../domain/ids';

/**
 * What this process has seen of each organization's custody. It only grows, and it lives outside the database:
 * whoever puts old, truly signed rows back is found out by it. Across restarts the signer's floor does the same.
 */
export class Seen {
  readonly #epochs = new Map<OrganizationId, Epoch>();
  readonly #sealed = new Set<OrganizationId>();

  constructor(private readonly epochFloor: (organization: OrganizationId) => Promise<Epoch>) {}

  /**
   * The least epoch that a read *begun now* may show. Taken before the read: a group that began before a switch
   * may well finish after a younger one that saw it.
   */
  async leastEpoch(organization: OrganizationId): Promise<Epoch> {
    const seen = this.#epochs.get(organization);
    if (seen !== undefined) return seen;
    const floor = await this.epochFloor(organization);
    this.sawEpoch(organization, floor);
    return floor;
  }

  sawEpoch(organization: OrganizationId, epoch: Epoch): void {
    if (epoch > (this.#epochs.get(organization) ?? -1)) this.#epochs.set(organization, epoch);
  }

  isSealed(organization: OrganizationId): boolean {
    return this.#sealed.has(organization);
  }

  sawSealed(organization: OrganizationId): void {
    this.#sealed.add(organization);
  }
}
