import { canaryContext } from '../../domain/canary';
import { type AwsConnection, isAws } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import { checksOf } from '../../domain/finding';
import type { KeyRef, KeyVersion, RequestId } from '../../domain/ids';
import { awsKeyParts } from '../../domain/intake/aws';
import type { Unwrapped, Verifier, WrapContext, Wrapped } from '../../domain/ports/provider';
import { alsoTelling, type Observe } from '../calls/call';
import { Checklist } from '../calls/checklist';
import { type Call, createCall } from './call';
import { decrypt, encrypt } from './cryptography';
import type { AwsKmsOptions } from './provider';
import { scopeOf } from './session-policy';
import { type Session, Sessions } from './sessions';
import { mustRefuse, wrongId } from './trust-probe';

export interface AwsKmsVerifierOptions extends AwsKmsOptions {
  /** Cryptographically secure random bytes. */
  readonly random: (size: number) => Uint8Array;
}

/** A workspace key's length: what passes with it passes in production. */
const PROBE_BYTES = 32;

/**
 * Runs the checks of `domain/finding.ts` in their order, in sessions of its own. A connection with a pinned key
 * is held to it (`KEY_MOVED` for an alias that left it); without one, whatever key the alias leads to is
 * reported as `keyRef`, for the caller to pin.
 */
export function createAwsKmsVerifier(options: AwsKmsVerifierOptions): Verifier {
  const { clock, observe } = options;
  const callsTold = (told: Observe) => createCall({ provider: 'aws-kms', clock, observe: told });
  const sessions = new Sessions(options, callsTold(observe));
  return {
    verify: async (connection, signal, onCall) => {
      if (!isAws(connection)) throw new ProviderFailure('CONFIG_INVALID');
      const call = callsTold(alsoTelling(observe, onCall));
      const run = new Verification(connection, signal, call, sessions, options.random);
      return run.report();
    },
  };
}

class Verification {
  readonly #list: Checklist;

  constructor(
    readonly connection: AwsConnection,
    readonly signal: AbortSignal,
    readonly call: Call,
    readonly sessions: Sessions,
    readonly random: (size: number) => Uint8Array,
  ) {
    this.#list = new Checklist(checksOf(connection.input));
  }

  async report(): ReturnType<Verifier['verify']> {
    const { wrapped, canary } = await this.#checks();
    return { findings: this.#list.findings(), keyRef: wrapped?.keyRef ?? null, canary: canary ?? null };
  }

  async #checks(): Promise<{ wrapped?: Wrapped | undefined; canary?: Wrapped | undefined }> {
    const list = this.#list;
    const { key } = this.connection.input;
    const probe = this.random(PROBE_BYTES);

    const isReferenced = this.connection.input.credential.kind === 'approved';
    const first = isReferenced ? 'credential-reference' : 'assume-role';
    const opened = await list.run(first, () => this.#open(key, true));
    if (opened === undefined) return {};
    if (!isReferenced) {
      const refuses = (externalId: string | null) =>
        mustRefuse(this.sessions, this.connection, externalId, this.signal);
      await list.run('assume-role-without-external-id-is-refused', () => refuses(null));
      await list.run('assume-role-with-wrong-external-id-is-refused', () => refuses(wrongId(this.random)));
    }

    const wrapped = await list.run('wrap', () => this.#wrap(opened, key, probe, this.#probeContext()));
    if (wrapped === undefined) return {};
    const identified = await list.run('key-identity', () => identify(this.connection, wrapped));
    if (identified === undefined) return { wrapped };

    const narrowed = await list.run('unwrap', async () => {
      const session = wrapped.keyRef === key ? opened : await this.#open(wrapped.keyRef, false);
      const { requestId } = await this.#proves(session, wrapped, probe, this.#probeContext());
      return { session, requestId };
    });
    if (narrowed === undefined) return { wrapped };
    const canary = await list.run('canary', () => this.#canary(narrowed.session, wrapped.keyRef));
    return { wrapped, canary };
  }

  #probeContext(): WrapContext {
    return {
      organization: this.connection.organization,
      purpose: 'workspace-key',
      keyVersion: 1 as KeyVersion,
    };
  }

  #open(arn: string, refresh: boolean): Promise<Session> {
    return this.sessions.open(this.connection, scopeOf(arn), this.signal, refresh);
  }

  #wrap({ kms }: Session, keyId: string, bytes: Uint8Array, context: WrapContext): Promise<Wrapped> {
    return encrypt(this.call, kms, this.#where(), { keyId, expected: null }, bytes, context);
  }

  async #proves(
    { kms }: Session,
    { wrapped, keyRef }: Wrapped,
    bytes: Uint8Array,
    context: WrapContext,
  ): Promise<Unwrapped> {
    const unwrapped = await decrypt(this.call, kms, this.#where(), keyRef, wrapped, context);
    if (!Buffer.from(unwrapped.bytes).equals(bytes)) {
      throw new ProviderFailure('CHECK_VALUE_MISMATCH', unwrapped.requestId);
    }
    return unwrapped;
  }

  async #canary(session: Session, keyRef: KeyRef): Promise<Wrapped> {
    const context = canaryContext(this.connection.organization);
    const bytes = this.random(PROBE_BYTES);
    const canary = await this.#wrap(session, keyRef, bytes, context);
    await this.#proves(session, canary, bytes, context);
    return canary;
  }

  #where(): { region: string; signal: AbortSignal } {
    return { region: this.connection.input.region, signal: this.signal };
  }
}

/** Is the key that answered the one that was entered, a single-Region one, and the one pinned before? */
function identify(
  { input, pinnedKeyRef }: AwsConnection,
  { keyRef, requestId }: Wrapped,
): { requestId: RequestId | null } {
  const fail = (code: 'KEY_MULTI_REGION' | 'KEY_MISMATCH' | 'KEY_MOVED'): never => {
    throw new ProviderFailure(code, requestId);
  };
  if (keyRef.includes(':key/mrk-')) fail('KEY_MULTI_REGION');
  const entered = awsKeyParts(input.key);
  const place = keyRef.slice(0, keyRef.indexOf(':key/'));
  if (place !== `arn:${entered.partition}:kms:${input.region}:${entered.account}`) fail('KEY_MISMATCH');
  if (!entered.isAlias && keyRef !== input.key) fail('KEY_MISMATCH');
  if (pinnedKeyRef !== null && keyRef !== pinnedKeyRef) fail(entered.isAlias ? 'KEY_MOVED' : 'KEY_MISMATCH');
  return { requestId };
}
