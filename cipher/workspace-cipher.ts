import { Refusal } from '../domain/failure';
import type { Epoch, OrganizationId } from '../domain/ids';
import type { StatementVerifier } from '../domain/ports/authority';
import type { ContentRecorder, CustodyReader } from '../domain/ports/content';
import type { ContentContext } from './associated-data';
import type { Clock } from './clock';
import type { RandomBytes } from './content';
import { decryptItem, type EncryptedItem, encryptItem, type PlainItem, sizeChecked } from './content-items';
import { type CipherEvents, type ContentOperationKind, harmless, isEncryption } from './events';
import { FailedCalls } from './failed-calls';
import { contentRefusalOf } from './failures';
import { COALESCED, Lane, ONE_CALL_EACH } from './group';
import { type ContentItem, ContentOperation } from './operation';
import { Refusals } from './refusals';
import { rememberingSignatures } from './remembered-signatures';
import { Seen } from './seen';
import { type GroupServices, serveGroup } from './serve-group';
import type { KeyServices } from './unwrap';

export interface CipherLimits {
  /** From an operation's arrival to its answer, waiting included, in milliseconds. */
  readonly deadlineMs: number;
  /** Unanswered operations of one organization; one more is refused with `OVERLOADED`. */
  readonly waitingOperations: number;
  /** Bytes of content in them. */
  readonly waitingBytes: number;
}

export const DEFAULT_LIMITS: CipherLimits = {
  deadlineMs: 5_000,
  waitingOperations: 1_024,
  waitingBytes: 64 * 1024 * 1024,
};

export interface CipherDeps extends KeyServices {
  /** Reads the primary, never a replica. */
  readonly reader: CustodyReader;
  readonly recorder: ContentRecorder;
  readonly verifier: StatementVerifier;
  /** The signer's floor (`Signer.epochFloor`), asked at the first use of each organization and each minute of use. */
  readonly epochFloor: (organization: OrganizationId) => Promise<Epoch>;
  /** Throws Refusal LEDGER_BEHIND where the database was put back: nothing is encrypted by what it says. */
  readonly demandOpen: (organization: OrganizationId) => void;
  /** What the organization was told: `on` shares calls, `off` is one call for each operation. */
  readonly coalesce: (organization: OrganizationId) => 'on' | 'off';
  readonly events: CipherEvents;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly limits?: Partial<CipherLimits>;
}

export interface OperationOptions {
  /** A shorter deadline than the cipher's, in milliseconds; a longer one changes nothing. */
  readonly deadlineMs?: number;
}

/**
 * Encrypts and decrypts under the organization's workspace key. Every call is authorized by an unwrap at the
 * organization's provider that was sent after the call arrived, so that the customer's off-switch works at once.
 *
 * All four are rejected with {@link WorkspaceUnavailable} (the key can't be had: provider code, remedy, request
 * id) or `Refusal`: INPUT_INVALID, INPUT_TOO_LARGE, CIPHERTEXT_MALFORMED, CIPHERTEXT_REJECTED, OVERLOADED,
 * INTERNAL, DATABASE_UNAVAILABLE, LEDGER_BEHIND (to encrypt), and what the custody reader refuses (ORGANIZATION_UNKNOWN). The caller leaves content and context
 * unchanged until the answer, and may zero the buffers it gets.
 */
export interface WorkspaceCipher {
  /** @param plaintext 0 to 8 MiB. @returns 48 bytes more, in the format of `format.ts`. */
  encrypt(
    organization: OrganizationId,
    plaintext: Uint8Array,
    context: ContentContext,
    options?: OperationOptions,
  ): Promise<Buffer>;
  decrypt(
    organization: OrganizationId,
    ciphertext: Uint8Array,
    context: ContentContext,
    options?: OperationOptions,
  ): Promise<Buffer>;
  /** 1 to 1,000 items, 8 MiB of plaintext together; all or none, a refusal names the item. Answers in order. */
  encryptBatch(
    organization: OrganizationId,
    items: readonly PlainItem[],
    options?: OperationOptions,
  ): Promise<Buffer[]>;
  /** As `encryptBatch`; the items may be of different key versions (one unwrap for each). */
  decryptBatch(
    organization: OrganizationId,
    items: readonly EncryptedItem[],
    options?: OperationOptions,
  ): Promise<Buffer[]>;
  /** Resolves when the calls that failed until now are in the usage record: for a process that ends. */
  settled(): Promise<void>;
}

export function createWorkspaceCipher(deps: CipherDeps): WorkspaceCipher {
  const cipher = new GroupingCipher(deps);
  const { random } = deps;
  const single = async (answer: Promise<Buffer[]>): Promise<Buffer> => {
    const [only] = await answer;
    if (only === undefined) throw new Refusal('INTERNAL');
    return only;
  };
  return {
    encrypt: (organization, plaintext, context, options) =>
      single(
        cipher.run(organization, 'encrypt', [{ plaintext, context }], options, (item) =>
          encryptItem(organization, item, random),
        ),
      ),
    decrypt: (organization, ciphertext, context, options) =>
      single(
        cipher.run(organization, 'decrypt', [{ ciphertext, context }], options, (item) =>
          decryptItem(organization, item),
        ),
      ),
    encryptBatch: (organization, items, options) =>
      cipher.run(organization, 'encrypt-batch', items, options, (item) =>
        encryptItem(organization, item, random),
      ),
    decryptBatch: (organization, items, options) =>
      cipher.run(organization, 'decrypt-batch', items, options, (item) => decryptItem(organization, item)),
    settled: () => cipher.settled(),
  };
}

interface Load {
  operations: number;
  bytes: number;
}

class GroupingCipher {
  readonly #services: GroupServices;
  readonly #limits: CipherLimits;
  readonly #lanes = new Map<OrganizationId, Lane<ContentOperation>>();
  readonly #loads = new Map<OrganizationId, Load>();

  constructor(private readonly deps: CipherDeps) {
    const events = harmless(deps.events);
    this.#limits = { ...DEFAULT_LIMITS, ...deps.limits };
    this.#services = {
      provider: deps.provider,
      platform: deps.platform,
      reader: deps.reader,
      recorder: deps.recorder,
      verifier: rememberingSignatures(deps.verifier),
      seen: new Seen(deps.epochFloor, deps.clock, events),
      failedCalls: new FailedCalls(deps.recorder, deps.clock, events),
      refusals: new Refusals(deps.recorder, events),
      clock: deps.clock,
      events,
      callDeadlineMs: this.#limits.deadlineMs,
    };
  }

  /** One operation, from its arrival (now) to its answer. */
  run<Item>(
    organization: OrganizationId,
    kind: ContentOperationKind,
    inputs: readonly Item[],
    options: OperationOptions | undefined,
    toItem: (input: Item) => ContentItem,
  ): Promise<Buffer[]> {
    const arrivedAt = this.deps.clock.now();
    const deadlineMs = Math.min(options?.deadlineMs ?? Number.POSITIVE_INFINITY, this.#limits.deadlineMs);
    let items: readonly ContentItem[] = [];
    let refusal: Refusal | null = null;
    try {
      if (isEncryption(kind)) this.deps.demandOpen(organization);
      items = sizeChecked(inputs, kind, toItem);
    } catch (error) {
      refusal = contentRefusalOf(error, null);
    }
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
    refusal ??= this.#overload(organization, bytes);
    if (refusal !== null) items = [];

    let cancelTimer = (): void => undefined;
    const operation: ContentOperation = new ContentOperation(
      organization,
      kind,
      items,
      arrivedAt + deadlineMs,
      ({ failure, requestId }) => {
        cancelTimer();
        if (refusal === null) this.#left(operation, bytes);
        this.#services.events.onOperation({
          organization,
          operation: kind,
          items: inputs.length,
          bytes,
          code: failure?.code ?? 'OK',
          providerCode: failure !== null && 'providerCode' in failure ? failure.providerCode : null,
          requestId,
          durationMs: this.deps.clock.now() - arrivedAt,
        });
      },
    );
    if (refusal !== null) {
      operation.fail(refusal);
    } else {
      cancelTimer = this.deps.clock.after(deadlineMs, () => operation.expire());
      this.#arrived(operation, bytes);
    }
    return operation.answer;
  }

  settled(): Promise<void> {
    return this.#services.failedCalls.settled();
  }

  #overload(organization: OrganizationId, bytes: number): Refusal | null {
    const load = this.#loads.get(organization);
    if (load === undefined) return null;
    const isOver =
      load.operations >= this.#limits.waitingOperations || load.bytes + bytes > this.#limits.waitingBytes;
    return isOver ? new Refusal('OVERLOADED') : null;
  }

  #arrived(operation: ContentOperation, bytes: number): void {
    const { organization } = operation;
    const load = this.#loads.get(organization) ?? { operations: 0, bytes: 0 };
    load.operations++;
    load.bytes += bytes;
    this.#loads.set(organization, load);
    this.#lane(organization).arrive(operation);
  }

  #left(operation: ContentOperation, bytes: number): void {
    const { organization } = operation;
    this.#lanes.get(organization)?.leave(operation);
    const load = this.#loads.get(organization);
    if (load === undefined) return;
    load.operations--;
    load.bytes -= bytes;
    if (load.operations === 0) this.#loads.delete(organization);
  }

  #lane(organization: OrganizationId): Lane<ContentOperation> {
    const existing = this.#lanes.get(organization);
    if (existing !== undefined) return existing;
    const lane = new Lane<ContentOperation>(
      this.deps.clock,
      () => (this.deps.coalesce(organization) === 'off' ? ONE_CALL_EACH : COALESCED),
      (operations) => serveGroup(this.#services, organization, operations),
      () => this.#lanes.delete(organization),
    );
    this.#lanes.set(organization, lane);
    return lane;
  }
}
