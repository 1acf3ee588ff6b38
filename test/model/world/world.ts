import { randomBytes, randomUUID } from 'node:crypto';
import { asyncLocalStorage } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCustodyActivities, createPlatformActivities } from '../../../activities';
import { createWorkspaceCipher, systemClock, type WorkspaceCipher } from '../../../cipher';
import { rememberingSignatures } from '../../../cipher/remembered-signatures';
import { SYSTEM } from '../../../domain/actor';
import { sha256Hex } from '../../../domain/digest';
import { VERIFICATION_ATTEMPTS } from '../../../domain/finding';
import {
  type Instant,
  instantOf,
  type OrganizationId,
  type OrganizationName,
  type Thumbprint,
} from '../../../domain/ids';
import type { StatementVerifier } from '../../../domain/ports/authority';
import { CONTROL_UNKNOWN } from '../../../domain/ports/control-probe';
import type { Signer } from '../../../domain/ports/signer';
import type { Store } from '../../../store';
import { approverKey, DEPLOYMENT, fakeAuthority, signOrder } from '../../fakes/authority';
import { FakePlatform } from '../../fakes/key-service';
import { QUICK_SETTINGS } from '../../fakes/world';
import { Customer } from './customer';
import { disturbedStore } from './disturbed-store';
import { guardedControl } from './platform';
import { Turmoil } from './turmoil';

export const APPROVER = 'A'.repeat(43) as Thumbprint;
export const FAR_FUTURE_S = 4_102_444_800;
const nothing = () => undefined;

interface Parts {
  readonly store: Store;
  readonly signer: Signer;
  readonly statements: StatementVerifier;
}

/**
 * One organization, and all that there is around it: our activities and cipher over a real store and a real signer; its
 * customer's key service and ours as doubles that do real cryptography, and refuse as the real ones do.
 */
export class World {
  readonly turmoil = new Turmoil();
  readonly customer = new Customer(this.turmoil);
  readonly platform: FakePlatform;
  readonly custody: ReturnType<typeof createCustodyActivities>;
  readonly operator: ReturnType<typeof createPlatformActivities>;
  cipher: WorkspaceCipher;
  /** Plans that the customer has signed, by decision and digest. */
  readonly signed = new Set<string>();
  /** Envelopes that were found to unwrap, by SHA-256, and the check value. */
  readonly proved = new Map<string, string>();
  /** Those that content had unwrapped since it was last looked, by SHA-256. */
  readonly opened = new Set<string>();
  /** Contents that were encrypted: what must be readable whenever the key may be used. */
  readonly contents: { readonly ciphertext: Uint8Array; readonly text: string }[] = [];
  readonly statements: StatementVerifier;
  id = '' as OrganizationId;
  /** Of the order that was given last. */
  orderSeq = 0;
  /** What no operation waits for: it's waited for here, before anything is looked at. */
  #aside: Promise<unknown>[] = [];
  readonly #context = new MockActivityEnvironment({ attempt: VERIFICATION_ATTEMPTS }).context;

  constructor(
    readonly name: OrganizationName,
    readonly parts: Parts,
  ) {
    const { store } = parts;
    const statements = rememberingSignatures(parts.statements);
    this.statements = statements;
    const disturbed = disturbedStore(store, this.turmoil);
    const settings = { ...QUICK_SETTINGS, platformRefusals: { count: 3, overMs: 0 } };
    this.platform = new FakePlatform(this.turmoil, async () => Date.now());
    const shared = {
      store: disturbed,
      provider: this.customer,
      statements,
      authority: fakeAuthority,
      settings,
      epochFloor: (organization: OrganizationId) => parts.signer.epochFloor(organization),
      random: randomBytes,
      logger: { info: nothing, warn: nothing, error: nothing },
    };
    this.custody = createCustodyActivities({
      ...shared,
      verifier: this.customer,
      controlProbe: { outcome: async () => CONTROL_UNKNOWN },
      notifier: { remind: async () => undefined },
      histories: { remove: async () => 'gone' },
      notices: NOBODY,
    });
    this.operator = createPlatformActivities({
      ...shared,
      keys: this.platform,
      control: guardedControl(this.platform, statements),
    });
    this.cipher = this.#newCipher();
  }

  /** A process that has just started: it remembers nothing of what it has seen. */
  #newCipher(): WorkspaceCipher {
    const { store, signer } = this.parts;
    const { customer, platform, opened } = this;
    const aside = <T>(told: Promise<T>): Promise<T> => {
      this.#aside.push(told.catch(nothing));
      return told;
    };
    return createWorkspaceCipher({
      provider: {
        unwrap(connection, wrapped, ...rest) {
          opened.add(sha256Hex(wrapped));
          return customer.unwrap(connection, wrapped, ...rest);
        },
      },
      platform: {
        unwrap(keyRef, wrapped, ...rest) {
          opened.add(sha256Hex(wrapped));
          return platform.unwrap(keyRef, wrapped, ...rest);
        },
      },
      reader: store,
      recorder: {
        usage: (records) => store.usage(records),
        refused: (...what) => aside(store.refused(...what)),
        answered: (organization) => aside(store.answered(organization)),
      },
      verifier: this.statements,
      epochFloor: (organization) => signer.epochFloor(organization),
      demandOpen: nothing,
      coalesce: () => 'on',
      events: { onOperation: nothing, observe: nothing, onTrouble: nothing },
      clock: systemClock,
      random: randomBytes,
      limits: { deadlineMs: 20_000 },
    });
  }

  /** As the server calls an activity. */
  within<T>(activity: () => Promise<T>): Promise<T> {
    return asyncLocalStorage.run(this.#context, activity);
  }

  /** Everything that was told on the side has arrived. */
  async quiet(): Promise<void> {
    await Promise.all(this.#aside.splice(0));
  }

  /** The commerce system's word, as the API records it. */
  async order(kind: 'order' | 'withdrawal' = 'order'): Promise<void> {
    this.orderSeq += 1;
    const seq = this.orderSeq;
    const jti = `order-${String(seq).padStart(8, '0')}`;
    const claims = {
      ...{ iss: 'commerce', aud: DEPLOYMENT, kind, org: this.id, orderRef: 'SO-1', jti, seq, iat: 0 },
      exp: FAR_FUTURE_S,
      approver: { thumbprint: APPROVER, role: 'customer-admin' as const },
    };
    const jws = signOrder(claims as never);
    await this.#unfenced(`order/${jti}`, {
      ...{ type: 'order-accepted', jws, orderRef: 'SO-1', jti, seq, kind },
      exp: instantOf(FAR_FUTURE_S * 1000),
    });
  }

  async enrol(): Promise<void> {
    const at: Instant = await this.parts.store.now();
    const key = { ...approverKey(APPROVER), enrolledAt: at };
    await this.#unfenced('enrol', {
      type: 'approver-enrolled',
      key,
      by: { kind: 'order', orderRef: 'SO-1' },
    });
  }

  #unfenced(idempotencyKey: string, change: Parameters<Store['commit']>[0]['change']) {
    return this.parts.store.commit({
      ...{ idempotencyKey, actor: SYSTEM, fence: null, organization: this.id },
      change: change as never,
    });
  }

  uuid = (): string => randomUUID();

  /** @returns what puts what is outside the database back as it is now */
  kept(): () => void {
    const customer = this.customer.kept();
    const platform = [...this.platform.ring.keys].map(([keyRef, key]) => [keyRef, { ...key }] as const);
    const [signed, contents, { id, orderSeq }] = [[...this.signed], [...this.contents], this];
    return () => {
      customer();
      this.platform.ring.keys.clear();
      for (const [keyRef, key] of platform) this.platform.ring.keys.set(keyRef, { ...key });
      this.platform.staysAlive = 0;
      this.signed.clear();
      this.opened.clear();
      for (const each of signed) this.signed.add(each);
      this.contents.splice(0, Number.POSITIVE_INFINITY, ...contents);
      this.turmoil.hanging.length = 0;
      this.cipher = this.#newCipher();
      Object.assign(this, { id, orderSeq });
    };
  }
}

/** Whoever would be told of an incident: that is tested elsewhere. */
const NOBODY = null as never;
