import { canaryContext } from '../../domain/canary';
import { type AzureConnection, isAzure } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import { checksOf } from '../../domain/finding';
import type { KeyRef, KeyVersion, RequestId } from '../../domain/ids';
import { isVersionOf } from '../../domain/intake/azure';
import type { Unwrapped, Verifier, WrapContext, Wrapped } from '../../domain/ports/provider';
import { alsoTelling } from '../calls/call';
import { Checklist } from '../calls/checklist';
import type { AzureIdentityInUse } from '../credentials/azure';
import { type Call, createCall } from './call';
import { identityFor, requireBound, tokenFor } from './caller';
import { type Access, unwrap, wrap } from './cryptography';
import type { AzureKeyVaultOptions } from './provider';
import { wholeDenial } from './whole-denial';

export interface AzureKeyVaultVerifierOptions extends AzureKeyVaultOptions {
  /** Cryptographically secure random bytes. */
  readonly random: (size: number) => Uint8Array;
}

/** A workspace key's length: what passes with it passes in production. */
const PROBE_BYTES = 32;

/**
 * Runs the checks of `domain/finding.ts` in their order, with a token of its own. The newest version of the key is
 * what is verified and reported as `keyRef`, pinned or not: a newer one is the customer's rotation, and the caller
 * compares.
 */
export function createAzureKeyVaultVerifier(options: AzureKeyVaultVerifierOptions): Verifier {
  const { clock, observe } = options;
  return {
    verify: async (connection, signal, onCall) => {
      if (!isAzure(connection)) throw new ProviderFailure('CONFIG_INVALID');
      const call = createCall({ clock, observe: alsoTelling(observe, onCall) });
      return new Verification(options, call, connection, signal).report();
    },
  };
}

class Verification {
  readonly #list: Checklist;
  readonly #probeContext: WrapContext;

  constructor(
    readonly options: AzureKeyVaultVerifierOptions,
    readonly call: Call,
    readonly connection: AzureConnection,
    readonly signal: AbortSignal,
  ) {
    this.#list = new Checklist(checksOf(connection.input));
    this.#probeContext = {
      organization: connection.organization,
      purpose: 'workspace-key',
      keyVersion: 1 as KeyVersion,
    };
  }

  async report(): ReturnType<Verifier['verify']> {
    const { wrapped, canary } = await this.#checks();
    return { findings: this.#list.findings(), keyRef: wrapped?.keyRef ?? null, canary: canary ?? null };
  }

  async #checks(): Promise<{ wrapped?: Wrapped | undefined; canary?: Wrapped | undefined }> {
    const list = this.#list;
    const caller = await this.#caller();
    if (caller === undefined) return {};
    const access = await list.run('token', () => this.#access(caller));
    if (access === undefined) return {};

    const probe = this.options.random(PROBE_BYTES);
    const wrapped = await list.run('wrap', () => this.#wrap(access, probe));
    if (wrapped === undefined) return {};
    const identified = await list.run('key-identity', () => identify(this.connection, wrapped));
    if (identified === undefined) return { wrapped };
    const opened = await list.run('unwrap', () => this.#proves(access, wrapped, probe, this.#probeContext));
    if (opened === undefined) return { wrapped };
    const canary = await list.run('canary', () => this.#canary(access, wrapped.keyRef));
    return { wrapped, canary };
  }

  /** Who calls, and whether the key says that it's for this organization: before any call to Entra or to a vault. */
  async #caller(): Promise<AzureIdentityInUse | undefined> {
    const { connection, signal } = this;
    const inUse = () => identityFor(this.options.identityOf, connection, signal);
    const bound = (caller: AzureIdentityInUse) => {
      requireBound(connection, caller);
      return { ...caller, requestId: null };
    };
    if (connection.input.credential.kind === 'approved')
      return this.#list.run('credential-reference', async () => bound(await inUse()));
    let caller: AzureIdentityInUse;
    try {
      caller = await inUse();
    } catch (failure) {
      await this.#list.run('token', () => Promise.reject(failure));
      return undefined;
    }
    return this.#list.run('key-name-carries-our-token', () => bound(caller));
  }

  async #access({ identity }: AzureIdentityInUse): Promise<Access & { requestId: RequestId | null }> {
    const { call, connection, signal } = this;
    const token = await tokenFor(identity, connection, signal, true);
    return { call, egress: this.options.egress, connection, token, signal, requestId: null };
  }

  async #wrap(access: Access, probe: Uint8Array): Promise<Wrapped> {
    const newest = { version: null, accepts: () => true };
    try {
      return await wrap(access, newest, probe, this.#probeContext);
    } catch (failure) {
      const isDenied = failure instanceof ProviderFailure && failure.code === 'WRAP_DENIED';
      if (!isDenied) throw failure;
      const whole = await wholeDenial(access, this.#probeContext, this.options.random);
      throw whole ?? failure;
    }
  }

  async #proves(
    access: Access,
    { wrapped, keyRef }: Wrapped,
    bytes: Uint8Array,
    context: WrapContext,
  ): Promise<Unwrapped> {
    const unwrapped = await unwrap(access, keyRef, wrapped, context);
    if (!Buffer.from(unwrapped.bytes).equals(bytes)) {
      throw new ProviderFailure('CHECK_VALUE_MISMATCH', unwrapped.requestId);
    }
    return unwrapped;
  }

  async #canary(access: Access, keyRef: KeyRef): Promise<Wrapped> {
    const context = canaryContext(this.connection.organization);
    const bytes = this.options.random(PROBE_BYTES);
    const same = { version: keyRef, accepts: (answered: KeyRef) => answered === keyRef };
    const canary = await wrap(access, same, bytes, context);
    await this.#proves(access, canary, bytes, context);
    return canary;
  }
}

/** Is what answered a version of the key that was entered? */
function identify(
  { input }: AzureConnection,
  { keyRef, requestId }: Wrapped,
): { requestId: RequestId | null } {
  if (!isVersionOf(keyRef, input.key)) throw new ProviderFailure('KEY_MISMATCH', requestId);
  return { requestId };
}
