import type { OrganizationId } from '../domain/ids';
import type { ContentRecorder, UsageRecord } from '../domain/ports/content';
import type { Clock } from './clock';
import { type CipherEvents, databaseCodeOf } from './events';

const GATHER_MS = 100;

/**
 * The usage records of calls that served nothing. Nobody waits for them, so those of all organizations are written
 * together: a hundred keys that hang then cost the callers of the others ten commits a second, and not one per call.
 */
export class FailedCalls {
  #gathered: UsageRecord[] = [];
  #cancelTimer: (() => void) | undefined;
  readonly #writing = new Set<Promise<void>>();

  constructor(
    private readonly recorder: Pick<ContentRecorder, 'usage'>,
    private readonly clock: Clock,
    private readonly events: Pick<CipherEvents, 'onTrouble'>,
  ) {}

  add(calls: readonly UsageRecord[]): void {
    if (calls.length === 0) return;
    this.#gathered.push(...calls);
    this.#cancelTimer ??= this.clock.after(GATHER_MS, () => this.#write());
  }

  /** Resolves when all that was added before is written, or was told as trouble. */
  async settled(): Promise<void> {
    this.#write();
    await Promise.all(this.#writing);
  }

  #write(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const calls = this.#gathered;
    if (calls.length === 0) return;
    this.#gathered = [];
    const writing = this.recorder
      .usage(calls)
      .catch((error: unknown) => this.#notWritten(calls, databaseCodeOf(error)))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  #notWritten(calls: readonly UsageRecord[], detail: string | null): void {
    const organizations = new Set<OrganizationId>(calls.map(({ organization }) => organization));
    for (const organization of organizations) this.events.onTrouble({ organization, what: 'usage', detail });
  }
}
