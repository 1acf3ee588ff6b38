/**
 * One closed group, from its one read of custody to its answers:
 *
 *     read → prove → for each key version: unwrap → content work → destroy the key → usage written → release
 *
 * Nothing is asked of a provider before everything was proved, nothing is released before the call that
 * authorized it is in the usage record, and no key is held while that is waited for.
 */
import type { ProviderCode } from '../domain/codes';
import { DatabaseUnavailable, ProviderFailure, Refusal } from '../domain/failure';
import type { KeyVersion, OrganizationId, RequestId } from '../domain/ids';
import type { StatementVerifier } from '../domain/ports/authority';
import type { ContentRecorder, CustodyReader, UsageRecord } from '../domain/ports/content';
import type { Clock } from './clock';
import { type Served, workInSlices } from './content-work';
import { type Deadline, deadlineAfter } from './deadline';
import { type CipherEvents, databaseCodeOf, type Trouble, type UnwrapObservation } from './events';
import type { FailedCalls } from './failed-calls';
import { type OperationFailure, providerFailureOf, WorkspaceUnavailable } from './failures';
import type { ContentOperation } from './operation';
import { type ProvedCustody, proveCustody, StatementRefused } from './proved-custody';
import type { Refusals } from './refusals';
import type { Seen } from './seen';
import { type KeyServices, type UnwrappedKey, unwrapKey } from './unwrap';

export interface GroupServices extends KeyServices {
  readonly reader: CustodyReader;
  readonly recorder: Pick<ContentRecorder, 'usage'>;
  readonly verifier: StatementVerifier;
  readonly seen: Seen;
  readonly failedCalls: FailedCalls;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly events: CipherEvents;
  /** How long the read and the calls of one group may take together, in milliseconds. */
  readonly callDeadlineMs: number;
}

/** One key version of a group: one provider call and the operations that wait for it. */
interface Call {
  readonly version: KeyVersion;
  /** Request ids of attempts that the provider answered before the last one. */
  readonly repeated: RequestId[];
  readonly served: Served[];
}

/**
 * Serves a closed group. Settles when its calls are answered, so that the next group may start while content is
 * worked on; every operation is answered by then or soon after. Never rejects.
 */
export async function serveGroup(
  services: GroupServices,
  organization: OrganizationId,
  operations: readonly ContentOperation[],
): Promise<void> {
  const group = new Group(services, organization, operations);
  await group.serve();
}

class Group {
  #reported = false;

  constructor(
    private readonly services: GroupServices,
    private readonly organization: OrganizationId,
    private readonly operations: readonly ContentOperation[],
  ) {}

  async serve(): Promise<void> {
    const deadline = deadlineAfter(this.services.callDeadlineMs, this.services.clock);
    try {
      const custody = await this.#proved(deadline);
      if (custody === null) return;
      await Promise.all(this.#calls(custody).map((call) => this.#call(call, custody, deadline)));
    } catch (error) {
      this.#faultOfOurs('internal', error, this.operations);
    } finally {
      deadline.end();
    }
  }

  /** The group's one read, proved; `null` after everybody was answered with why not. */
  async #proved(deadline: Deadline): Promise<ProvedCustody | null> {
    const { seen, reader, verifier } = this.services;
    const { organization } = this;
    try {
      const leastEpoch = await deadline.race(seen.leastEpoch(organization));
      const sealedAt = seen.sealedAt(organization);
      const asked = new Set(this.operations.flatMap((operation) => [...operation.asked]));
      const snapshot = await this.#read(deadline.race(reader.snapshot(organization, [...asked])));
      const custody = await proveCustody(snapshot, { organization, leastEpoch, sealedAt }, verifier);
      seen.sawEpoch(organization, custody.epoch);
      if (custody.sealedAt !== null) seen.sawSealed(organization, custody.sealedAt);
      return custody;
    } catch (error) {
      if (error instanceof StatementRefused) this.#refused(error, this.operations);
      else if (error instanceof Refusal) failAll(this.operations, error);
      else this.#faultOfOurs('custody-read', error, this.operations);
      return null;
    }
  }

  /** What is too late here is the database, and no provider. @throws DatabaseUnavailable */
  async #read<T>(reading: Promise<T>): Promise<T> {
    for (const operation of this.operations) operation.awaits = 'database';
    try {
      return await reading;
    } catch (error) {
      throw error instanceof ProviderFailure ? new DatabaseUnavailable() : error;
    } finally {
      for (const operation of this.operations) operation.awaits = 'provider';
    }
  }

  /** One call for each key version; operations on a version that never was are answered here. */
  #calls(custody: ProvedCustody): Call[] {
    const calls = new Map<KeyVersion, Call>();
    for (const operation of this.operations) {
      for (const asked of operation.asked) {
        const version = asked === 'current' ? custody.currentVersion : asked;
        if (!custody.has(version)) {
          operation.fail(new Refusal('CIPHERTEXT_REJECTED'));
          continue;
        }
        const call = calls.get(version) ?? { version, repeated: [], served: [] };
        call.served.push({ operation, asked });
        calls.set(version, call);
      }
    }
    return [...calls.values()];
  }

  async #call(call: Call, custody: ProvedCustody, deadline: Deadline): Promise<void> {
    const { clock } = this.services;
    let sentAt: number | null = null;
    let unwrapped: UnwrappedKey;
    try {
      const envelope = await custody.envelope(call.version);
      if (this.#waiting(call).length === 0) return;
      sentAt = clock.now();
      unwrapped = await unwrapKey(
        this.services,
        this.organization,
        call.version,
        custody,
        envelope,
        deadline,
        (requestId) => call.repeated.push(requestId),
      );
    } catch (error) {
      // An approved reference's entry is read on the way to the provider.
      if (error instanceof DatabaseUnavailable) {
        if (sentAt !== null) this.services.failedCalls.add(this.#usage(call, custody, null, 0));
        this.#faultOfOurs('reference-read', error, operationsOf(call));
        return;
      }
      const failure = error instanceof StatementRefused ? error : providerFailureOf(error);
      this.#observe(call, custody, sentAt, failure.code, failure.requestId);
      if (sentAt !== null) this.services.failedCalls.add(this.#usage(call, custody, failure.requestId, 0));
      this.#refused(failure, operationsOf(call));
      return;
    }
    this.#observe(call, custody, sentAt, 'OK', unwrapped.requestId);
    this.services.refusals.answered(this.organization);
    void this.#finish(call, custody, unwrapped);
  }

  /** Content work, usage record, release. Never rejects. */
  async #finish(call: Call, custody: ProvedCustody, { key, requestId }: UnwrappedKey): Promise<void> {
    const { clock } = this.services;
    let recorded: Promise<Refusal | null>;
    try {
      // The record is written while content is worked on; what is released waits for both.
      recorded = this.#record(this.#usage(call, custody, requestId, this.#waiting(call).length));
      await workInSlices(call.served, key, call.version, clock);
    } catch (error) {
      this.#faultOfOurs('internal', error, operationsOf(call));
      return;
    } finally {
      key.destroy();
    }
    for (const { operation } of call.served) operation.answered();
    const unrecorded = await recorded;
    if (unrecorded !== null) return failAll(operationsOf(call), unrecorded);
    const now = clock.now();
    for (const { operation } of call.served) operation.release(requestId, now);
  }

  /** @returns `null` once it's recorded, else what those who wait for it are refused with */
  async #record(usage: readonly UsageRecord[]): Promise<Refusal | null> {
    try {
      await this.services.recorder.usage(usage);
      return null;
    } catch (error) {
      this.#trouble('usage', databaseCodeOf(error));
      return faultOfOurs(error, 'the call could not be recorded');
    }
  }

  /** What was called for it, in turn: the last one served, or failed to. */
  #usage(
    call: Call,
    { keyRef }: ProvedCustody,
    requestId: RequestId | null,
    operations: number,
  ): UsageRecord[] {
    const about = { organization: this.organization, keyRef, purpose: purposeOf(call) };
    const repeated = call.repeated.map((each) => ({ ...about, requestId: each, operations: 0 }));
    return [...repeated, { ...about, requestId, operations }];
  }

  /** The provider, or the proof before it, refused: everybody who waited for it is told, the recorder once. */
  #refused(failure: ProviderFailure, operations: readonly ContentOperation[]): void {
    if (failure instanceof StatementRefused) this.#trouble('statement', failure.check);
    failAll(operations, new WorkspaceUnavailable(failure.code, failure.requestId));
    if (this.#reported) return;
    this.#reported = true;
    this.services.refusals.refused(this.organization, failure);
  }

  #faultOfOurs(what: Trouble['what'], error: unknown, operations: readonly ContentOperation[]): void {
    this.#trouble(what, databaseCodeOf(error));
    failAll(operations, faultOfOurs(error));
  }

  #trouble(what: Trouble['what'], detail: string | null): void {
    this.services.events.onTrouble({ organization: this.organization, what, detail });
  }

  #observe(
    call: Call,
    custody: ProvedCustody,
    sentAt: number | null,
    code: 'OK' | ProviderCode,
    requestId: RequestId | null,
  ): void {
    const observation: UnwrapObservation = {
      organization: this.organization,
      provider: custody.connection?.input.provider ?? 'platform',
      keyVersion: call.version,
      code,
      requestId,
      groupSize: this.operations.length,
      operations: this.#waiting(call).length,
      unwrapMs: sentAt === null ? null : this.services.clock.now() - sentAt,
    };
    this.services.events.observe(observation);
  }

  #waiting(call: Call): ContentOperation[] {
    const now = this.services.clock.now();
    return operationsOf(call).filter((operation) => operation.waits(now));
  }
}

function purposeOf({ served }: Call): UsageRecord['purpose'] {
  const [only, ...others] = new Set(served.map(({ operation }) => operation.purpose));
  return only === undefined || others.length > 0 ? 'mixed' : only;
}

const faultOfOurs = (error: unknown, detail: string | null = null): Refusal =>
  new Refusal(error instanceof DatabaseUnavailable ? error.code : 'INTERNAL', detail);

const operationsOf = (call: Call): ContentOperation[] => call.served.map(({ operation }) => operation);

function failAll(operations: readonly ContentOperation[], failure: OperationFailure): void {
  for (const operation of operations) operation.fail(failure);
}
