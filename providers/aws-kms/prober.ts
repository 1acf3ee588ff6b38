import { type AwsConnection, isAws } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef, KeyVersion, RequestId } from '../../domain/ids';
import { awsKeyParts } from '../../domain/intake/aws';
import type { Held, Outcome, Probed, Prober } from '../../domain/ports/prober';
import type { WrapContext, Wrapped } from '../../domain/ports/provider';
import { alsoTelling, type Observe } from '../calls/call';
import { onceMore } from '../calls/once-more';
import { named, notIn, type Step, step } from '../calls/outcome';
import { type Call, createCall } from './call';
import { decrypt, encrypt } from './cryptography';
import { scopeOf } from './session-policy';
import { type Session, Sessions } from './sessions';
import { mustRefuse, wrongId } from './trust-probe';
import type { AwsKmsVerifierOptions } from './verifier';

/** A workspace key's length: what passes with it passes in production. */
const PROBE_BYTES = 32;

/**
 * Probes with sessions of its own, made for each probe. A connection by alias is wrapped for by its alias, which says
 * where it leads now; where that isn't the pinned key, or nowhere, the pinned key's own wrap says whether writes go on.
 */
export function createAwsKmsProber(options: AwsKmsVerifierOptions): Prober {
  const { clock, observe, random } = options;
  const callsTold = (told: Observe) => createCall({ provider: 'aws-kms', clock, observe: told });
  const sessions = new Sessions(options, callsTold(observe));
  return {
    probe: async (connection, held, looks, signal, onCall) => {
      if (!isAws(connection) || connection.pinnedKeyRef === null) throw new ProviderFailure('CONFIG_INVALID');
      const { pinnedKeyRef } = connection;
      const call = callsTold(alsoTelling(observe, onCall));
      const probe = new Probe(connection, pinnedKeyRef, signal, call, sessions, random);
      return probe.report(held, looks.trust);
    },
  };
}

class Probe {
  constructor(
    readonly connection: AwsConnection,
    readonly pinned: KeyRef,
    readonly signal: AbortSignal,
    readonly call: Call,
    readonly sessions: Sessions,
    readonly random: (size: number) => Uint8Array,
  ) {}

  async report(held: readonly Held[], trust: boolean): Promise<Probed> {
    const opened = await step(() => this.#open(this.pinned));
    if (opened.value === null) return notIn(opened.outcome);
    const session = opened.value;
    const reads: Outcome[] = [];
    for (const each of held) reads.push(await this.#unwraps(session, each));
    const byAlias = await this.#byAlias();
    const leadsAway = byAlias?.value?.keyRef !== this.pinned;
    const wrapped = byAlias === null || leadsAway ? await this.#wrap(session, this.pinned) : byAlias;
    return {
      access: opened.outcome,
      reads,
      writes: wrapped.outcome,
      leadsTo: byAlias === null ? null : named(byAlias),
      trust: trust ? await this.#trust() : null,
    };
  }

  #open(arn: string): Promise<Session> {
    return onceMore((refresh) => this.sessions.open(this.connection, scopeOf(arn), this.signal, refresh));
  }

  #wrap({ kms }: Session, keyId: string): Promise<Step<Wrapped>> {
    const target = { keyId, expected: null };
    return step(() =>
      encrypt(this.call, kms, this.#where(), target, this.random(PROBE_BYTES), this.#context()),
    );
  }

  async #unwraps({ kms }: Session, { wrapped, keyRef, context }: Held): Promise<Outcome> {
    const { outcome, value } = await step(() =>
      decrypt(this.call, kms, this.#where(), keyRef, wrapped, context),
    );
    value?.bytes.fill(0);
    return outcome;
  }

  /** `null`: the connection names no alias. */
  async #byAlias(): Promise<Step<Wrapped> | null> {
    const { key } = this.connection.input;
    if (!awsKeyParts(key).isAlias) return null;
    const opened = await step(() => this.#open(key));
    return opened.value === null ? opened : this.#wrap(opened.value, key);
  }

  async #trust(): Promise<Outcome | null> {
    if (this.connection.input.credential.kind !== 'aws-role') return null;
    for (const externalId of [null, wrongId(this.random)]) {
      const { outcome } = await step<{ requestId: RequestId | null }>(() =>
        mustRefuse(this.sessions, this.connection, externalId, this.signal),
      );
      if (outcome.result === 'failed') return outcome.code === 'TRUST_POLICY_OPEN' ? outcome : null;
    }
    return { result: 'ok', requestId: null };
  }

  #context(): WrapContext {
    return {
      organization: this.connection.organization,
      purpose: 'workspace-key',
      keyVersion: 1 as KeyVersion,
    };
  }

  #where(): { region: string; signal: AbortSignal } {
    return { region: this.connection.input.region, signal: this.signal };
  }
}
