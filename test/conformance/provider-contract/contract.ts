import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { canaryContext } from '../../../domain/canary';
import type { ProviderCode } from '../../../domain/codes';
import type { Connection } from '../../../domain/connection';
import { ProviderFailure } from '../../../domain/failure';
import { type Check, checksOf, isClean } from '../../../domain/finding';
import type { KeyRef, KeyVersion } from '../../../domain/ids';
import type { Provider, Verifier, WrapContext } from '../../../domain/ports/provider';
import { waitUntil } from '../../../scripts/parts/wait';

/** What the contract needs of a running provider and the customer account behind it, emulated or real. */
export interface ProviderFixture {
  readonly provider: Provider;
  readonly verifier: Verifier;
  /** Set up as printed, verified, and pinned. */
  readonly connection: Connection;
  /** What was observed of each call, oldest first. */
  readonly records: {
    readonly operation: string;
    readonly code: string;
    readonly requestId: string | null;
  }[];
  /** Everything that is logged or counted, as text. */
  close(): Promise<void>;
}

export interface BadInput<F> {
  readonly name: string;
  readonly arrange: (fixture: F) => Promise<Connection>;
  readonly check: Check;
  readonly code: ProviderCode;
}
export interface OffSwitch<F> {
  readonly name: string;
  readonly off: (fixture: F) => Promise<void>;
  readonly on: (fixture: F) => Promise<void>;
  readonly code: ProviderCode;
}
export interface Fault<F> {
  readonly row: string;
  readonly during: 'wrap' | 'unwrap';
  /** Breaks the calls to come; `marker` must be in everything the provider sends. */
  readonly inject: (fixture: F, marker: string) => void;
  readonly mend: (fixture: F) => void;
  readonly code: ProviderCode;
}

export interface ProviderUnderTest<F extends ProviderFixture> {
  readonly start: () => Promise<F>;
  readonly badInputs: readonly BadInput<F>[];
  readonly offSwitches: readonly OffSwitch<F>[];
  readonly disturbances: Disturbances<F>;
  /** What an envelope that isn't of its context, or was altered, fails with. */
  readonly notThisEnvelope: ProviderCode;
}

/** What only an emulator can be made to do. */
export interface Disturbances<F> {
  readonly faults: readonly Fault<F>[];
  /** Leaves calls unanswered until `mend`. */
  readonly hang: (fixture: F) => void;
  /** Cuts connections until `mend`. */
  readonly reset: (fixture: F) => void;
  readonly mend: (fixture: F) => void;
}

const CONTEXT = (connection: Connection, version = 1): WrapContext => ({
  organization: connection.organization,
  purpose: 'workspace-key',
  keyVersion: version as KeyVersion,
});
const never = (): AbortSignal => new AbortController().signal;

export async function failureOf(work: Promise<unknown>): Promise<ProviderFailure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProviderFailure) return error;
    throw new Error(`not a ProviderFailure: ${inspect(error)}`);
  }
  throw new Error('it succeeded');
}

const codeOf = (failure: unknown): string =>
  failure instanceof ProviderFailure ? failure.code : `not a ProviderFailure: ${inspect(failure)}`;

/** How the very next call ends, and without patience that counts; with it, what calls come to within that time. */
async function settled(end: () => Promise<string>, wanted: string, patienceMs: number): Promise<string> {
  let seen = await end();
  if (patienceMs > 0) {
    await waitUntil(
      async () => {
        if (seen !== wanted) seen = await end();
        return seen === wanted;
      },
      patienceMs,
      1_000,
    );
  }
  return seen;
}

/** Everything a logger, a serializer or a debugger could get out of a value. */
export function everythingOf(value: unknown): string {
  const seen = inspect(value, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null });
  const stack = value instanceof Error ? `${value.stack}${value.message}${String(value)}` : '';
  return `${seen}${stack}${JSON.stringify(value)}`;
}

/** The contract of `domain/ports/provider.ts`, for every provider alike. */
export function providerContract<F extends ProviderFixture>(
  name: string,
  subject: ProviderUnderTest<F>,
): void {
  describe(`provider contract: ${name}`, () => {
    let current: F;
    const fixture = (): F => current;
    beforeEach(async () => {
      current = await subject.start();
    });
    afterEach(async () => {
      subject.disturbances.mend(current);
      await current.close();
    });

    ordinaryUse(fixture, subject.notThisEnvelope);
    refusals(fixture, subject.badInputs);
    revocation(fixture, subject.offSwitches);
    trouble(fixture, subject.disturbances);
  });
}

/** With a set-up that works. */
export function ordinaryUse(fixture: () => ProviderFixture, notThisEnvelope: ProviderCode): void {
  test('what was wrapped is unwrapped, under the same context only', async () => {
    const { provider, connection } = fixture();
    const bytes = randomBytes(32);
    const { wrapped, keyRef } = await provider.wrap(connection, bytes, CONTEXT(connection), never());
    expect(keyRef).toBe(connection.pinnedKeyRef);
    const opened = await provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), never());
    expect(Buffer.from(opened.bytes).equals(bytes)).toBe(true);
    for (const other of [CONTEXT(connection, 2), canaryContext(connection.organization)]) {
      const failure = await failureOf(provider.unwrap(connection, wrapped, keyRef, other, never()));
      expect(failure.code).toBe(notThisEnvelope);
    }
  });

  test('an altered envelope is refused', async () => {
    const { provider, connection } = fixture();
    const { wrapped, keyRef } = await provider.wrap(
      connection,
      randomBytes(32),
      CONTEXT(connection),
      never(),
    );
    const altered = Uint8Array.from(wrapped);
    altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
    const failure = await failureOf(
      provider.unwrap(connection, altered, keyRef, CONTEXT(connection), never()),
    );
    expect(failure.code).toBe(notThisEnvelope);
  });

  test('another key than the pinned one is refused without a call', async () => {
    const { provider, connection, records } = fixture();
    const before = records.length;
    const other = `${connection.pinnedKeyRef}0` as KeyRef;
    const failure = await failureOf(
      provider.unwrap(connection, randomBytes(64), other, CONTEXT(connection), never()),
    );
    expect(failure.code).toBe('KEY_MISMATCH');
    expect(records.length).toBe(before);
  });

  test('a clean verification passes every check and leaves a canary that unwraps', async () => {
    const { provider, verifier, connection } = fixture();
    const report = await verifier.verify({ ...connection, pinnedKeyRef: null }, never());
    expect(report.findings.map((f) => `${f.check}: ${f.result}`)).toEqual(
      checksOf(connection.input).map((c) => `${c}: ok`),
    );
    expect(isClean(report.findings)).toBe(true);
    expect(report.keyRef).toBe(connection.pinnedKeyRef);
    const { canary } = report;
    if (canary === null) throw new Error('no canary');
    const context = canaryContext(connection.organization);
    const { bytes } = await provider.unwrap(connection, canary.wrapped, canary.keyRef, context, never());
    expect(bytes).toHaveLength(32);
  });

  test('a signal that has aborted already sends nothing', async () => {
    const { provider, connection } = fixture();
    const failure = await failureOf(
      provider.wrap(connection, randomBytes(32), CONTEXT(connection), AbortSignal.abort()),
    );
    expect(failure.code).toBe('DEADLINE_EXCEEDED');
  });
}

/** Set-ups that don't work: verification names the check that fails, and why. */
export function refusals<F extends ProviderFixture>(
  fixture: () => F,
  badInputs: readonly BadInput<F>[],
): void {
  test.each(badInputs)('bad input: $name → $check: $code', async ({ arrange, check, code }) => {
    const connection = await arrange(fixture());
    const { findings } = await fixture().verifier.verify(connection, never());
    expect(findings.map((f) => f.check)).toEqual(checksOf(connection.input));
    const failed = findings.filter((f) => f.result === 'failed');
    expect(failed).toMatchObject([{ check, code }]);
    expect(isClean(findings)).toBe(false);
  });
}

/**
 * The customer's off-switches.
 * @param patienceMs how long the service itself may take to enforce a change: no time in an emulator
 */
export function revocation<F extends ProviderFixture>(
  fixture: () => F,
  offSwitches: readonly OffSwitch<F>[],
  patienceMs = 0,
): void {
  test.each(offSwitches)(
    'inv06 the off-switch "$name" counts at the very next call, and so does its end',
    async ({ off, on, code }) => {
      const { provider, connection } = fixture();
      const bytes = randomBytes(32);
      const { wrapped, keyRef } = await provider.wrap(connection, bytes, CONTEXT(connection), never());
      const unwrap = () => provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), never());
      const end = () => unwrap().then(() => 'it succeeded', codeOf);
      await unwrap();
      await off(fixture());
      try {
        expect(await settled(end, code, patienceMs)).toBe(code);
      } finally {
        await on(fixture());
      }
      expect(await settled(end, 'it succeeded', patienceMs)).toBe('it succeeded');
      expect(Buffer.from((await unwrap()).bytes).equals(bytes)).toBe(true);
    },
  );
}

/** Faults and answers of every kind: each has its code, and nothing raw is left. */
function trouble<F extends ProviderFixture>(
  fixture: () => F,
  { faults, hang, reset, mend }: Disturbances<F>,
): void {
  test.each(faults)('inv08 $row during $during → $code, and nothing raw is left', async (fault) => {
    const { provider, connection, records } = fixture();
    const marker = `leak-${randomBytes(8).toString('hex')}`;
    const { wrapped, keyRef } = await provider.wrap(
      connection,
      randomBytes(32),
      CONTEXT(connection),
      never(),
    );
    fault.inject(fixture(), marker);
    const before = records.length;
    const failure = await failureOf(
      fault.during === 'wrap'
        ? provider.wrap(connection, randomBytes(32), CONTEXT(connection), never())
        : provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), never()),
    );
    expect(failure.code).toBe(fault.code);
    expect(everythingOf(failure)).not.toContain(marker);
    expect('cause' in failure).toBe(false);
    const observed = records.slice(before);
    expect(observed.at(-1)?.code).toBe(fault.code);
    expect(everythingOf(observed)).not.toContain(marker);

    fault.mend(fixture());
    await provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), never());
  });

  test('a call that isn’t answered ends with its signal: DEADLINE_EXCEEDED', async () => {
    const { provider, connection } = fixture();
    const { wrapped, keyRef } = await provider.wrap(
      connection,
      randomBytes(32),
      CONTEXT(connection),
      never(),
    );
    hang(fixture());
    const abort = new AbortController();
    const unwrapping = failureOf(
      provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), abort.signal),
    );
    setImmediate(() => abort.abort());
    expect((await unwrapping).code).toBe('DEADLINE_EXCEEDED');
    mend(fixture());
    await provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), never());
  });

  test('a cut connection is NETWORK', async () => {
    const { provider, connection } = fixture();
    const { wrapped, keyRef } = await provider.wrap(
      connection,
      randomBytes(32),
      CONTEXT(connection),
      never(),
    );
    reset(fixture());
    const failure = await failureOf(
      provider.unwrap(connection, wrapped, keyRef, CONTEXT(connection), never()),
    );
    expect(failure.code).toBe('NETWORK');
  });
}
