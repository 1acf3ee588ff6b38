import type { ProviderFailure } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { ContentRecorder } from '../domain/ports/content';
import { type CipherEvents, databaseCodeOf } from './events';

/**
 * Tells the recorder when an organization's provider refuses, and when it answers again. No operation waits for
 * either, and neither decides anything: the next group asks the provider whatever was recorded.
 */
export class Refusals {
  /**
   * Organizations whose last call was answered, as the recorder knows. Not those that were refused: an incident may
   * have been opened by a process that is no more, and the first success of the next one ends it.
   */
  readonly #well = new Set<OrganizationId>();

  constructor(
    private readonly recorder: Pick<ContentRecorder, 'refused' | 'answered'>,
    private readonly events: CipherEvents,
  ) {}

  refused(organization: OrganizationId, failure: ProviderFailure): void {
    this.#well.delete(organization);
    void this.#tell(organization, 'refused', () =>
      this.recorder.refused(organization, failure.code, failure.requestId),
    );
  }

  /** A success; only the first, and the first after a refusal, is news. */
  answered(organization: OrganizationId): void {
    if (this.#well.has(organization)) return;
    this.#well.add(organization);
    void this.#tell(organization, 'answered', () => this.recorder.answered(organization)).then((told) => {
      if (!told) this.#well.delete(organization);
    });
  }

  async #tell(
    organization: OrganizationId,
    what: 'refused' | 'answered',
    tell: () => Promise<void>,
  ): Promise<boolean> {
    try {
      await tell();
      return true;
    } catch (error) {
      this.events.onTrouble({ organization, what, detail: databaseCodeOf(error) });
      return false;
    }
  }
}
