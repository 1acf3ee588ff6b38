import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { type Check, type CheckResult, checksOf } from '../../domain/finding';
import type { Instant, KeyRef, OperationId, OrganizationId, RequestId } from '../../domain/ids';
import type { PlatformKeyControl, PlatformKeyState, PlatformKeys } from '../../domain/ports/platform';
import type { Provider, Verifier, WrapContext } from '../../domain/ports/provider';
import type { Effects } from './effects';

interface Key {
  readonly secret: Buffer;
  state: PlatformKeyState;
  destroyedAt: Instant | null;
}

/** Wraps for real (AES-256-GCM, the context as associated data), so that a wrong key or context can't pass. */
class KeyRing {
  readonly keys = new Map<KeyRef, Key>();

  add(keyRef: KeyRef): void {
    if (!this.keys.has(keyRef)) {
      this.keys.set(keyRef, { secret: randomBytes(32), state: 'enabled', destroyedAt: null });
    }
  }

  key(keyRef: KeyRef): Key {
    const key = this.keys.get(keyRef);
    if (key === undefined) throw new ProviderFailure('KEY_NOT_FOUND');
    return key;
  }

  usable(keyRef: KeyRef): Buffer {
    const key = this.key(keyRef);
    if (key.state === 'disabled') throw new ProviderFailure('KEY_DISABLED');
    if (key.state !== 'enabled') throw new ProviderFailure('KEY_PENDING_DELETION');
    return key.secret;
  }

  wrap(keyRef: KeyRef, bytes: Uint8Array, context: WrapContext): Uint8Array {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.usable(keyRef), iv).setAAD(aad(context));
    return new Uint8Array(Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
  }

  unwrap(keyRef: KeyRef, wrapped: Uint8Array, context: WrapContext): Uint8Array {
    const decipher = createDecipheriv('aes-256-gcm', this.usable(keyRef), wrapped.slice(0, 12));
    decipher.setAAD(aad(context)).setAuthTag(wrapped.slice(-16));
    try {
      return new Uint8Array(Buffer.concat([decipher.update(wrapped.slice(12, -16)), decipher.final()]));
    } catch {
      throw new ProviderFailure('CONTEXT_OR_BLOB_INVALID');
    }
  }
}

const aad = ({ organization, purpose, keyVersion }: WrapContext): Buffer =>
  Buffer.from(`${organization}/${purpose}/${keyVersion}`);

let requests = 0;
const requestId = (): RequestId => {
  requests += 1;
  return `req-${requests}` as RequestId;
};

/** The customer's key service: any key ARN that is used exists; what it refuses is set by the test. */
export class FakeCustomerKeys implements Provider, Verifier {
  readonly ring = new KeyRing();
  /** Every buffer handed out, to check that its owner zeroed it. */
  readonly handedOut: Uint8Array[] = [];
  /** Thrown by the next calls, one each. */
  readonly failNext: { readonly call: 'wrap' | 'unwrap'; readonly code: ProviderCode }[] = [];
  refuses: { wrap?: ProviderCode; unwrap?: ProviderCode; role?: ProviderCode } = {};
  /** Keeps every verification from an answer while it's set. */
  trouble: ProviderCode | null = null;
  /** Where an alias points, and which version of a vault's key is the newest; an ARN points at itself. */
  readonly aliases = new Map<string, KeyRef>();

  constructor(private readonly effects: Effects) {}

  /** What is refused of a key, or a version of it: of any the same, here. */
  protected refusesOf(_key: string): FakeCustomerKeys['refuses'] {
    return this.refuses;
  }

  protected troubleOf(_key: string): ProviderCode | null {
    return this.trouble;
  }

  readonly wrap: Provider['wrap'] = (connection, bytes, context) =>
    this.effects.run('provider.wrap', async () => {
      const { input, pinnedKeyRef } = connection;
      this.fail('wrap', input.key);
      // As Key Vault is asked: for the pinned version, once there is one.
      const isPinned = input.provider === 'azure-key-vault' && context.purpose !== 'canary';
      const keyRef = (isPinned ? pinnedKeyRef : null) ?? this.keyRef(input.key);
      this.ring.add(keyRef);
      return { wrapped: this.ring.wrap(keyRef, bytes, context), keyRef, requestId: requestId() };
    });

  readonly unwrap: Provider['unwrap'] = (_connection, wrapped, keyRef, context) =>
    this.effects.run('provider.unwrap', async () => {
      this.fail('unwrap', keyRef);
      const bytes = this.ring.unwrap(keyRef, wrapped, context);
      this.handedOut.push(bytes);
      return { bytes, requestId: requestId() };
    });

  readonly verify: Verifier['verify'] = (connection) =>
    this.effects.run('provider.verify', async () => {
      const trouble = this.troubleOf(connection.input.key);
      if (trouble !== null) throw new ProviderFailure(trouble);
      const refuses = this.refusesOf(connection.input.key);
      const failed: Partial<Record<Check, ProviderCode>> = {};
      if (refuses.role !== undefined) {
        const check =
          refuses.role === 'TRUST_POLICY_OPEN'
            ? 'assume-role-with-wrong-external-id-is-refused'
            : 'assume-role';
        failed[check] = refuses.role;
      }
      if (refuses.wrap !== undefined) failed.wrap = refuses.wrap;
      if (refuses.unwrap !== undefined) failed.unwrap = refuses.unwrap;
      const keyRef = this.keyRef(connection.input.key);
      if (this.ring.key(keyRef).state === 'disabled') failed.wrap = 'KEY_DISABLED';
      const findings = checksOf(connection.input).map((check): CheckResult => {
        const code = failed[check];
        return code === undefined
          ? { check, result: 'ok', requestId: null }
          : { check, result: 'failed', code, requestId: null };
      });
      const clean = Object.keys(failed).length === 0;
      return {
        findings,
        keyRef,
        canary: clean ? { wrapped: new Uint8Array(randomBytes(60)), keyRef } : null,
      };
    });

  private keyRef(key: string): KeyRef {
    const keyRef = this.aliases.get(key) ?? (key as KeyRef);
    this.ring.add(keyRef);
    return keyRef;
  }

  private fail(call: 'wrap' | 'unwrap', key: string): void {
    const index = this.failNext.findIndex((each) => each.call === call);
    const [next] = index === -1 ? [] : this.failNext.splice(index, 1);
    const code = next?.code ?? this.refusesOf(key)[call];
    if (code !== undefined) throw new ProviderFailure(code);
  }
}

export const platformRef = (organization: OrganizationId, offboarding?: OperationId): KeyRef =>
  `platform/${organization}${offboarding === undefined ? '' : `/${offboarding}`}` as KeyRef;

/** The operator's own key service, with its control half. */
export class FakePlatform implements PlatformKeys, PlatformKeyControl {
  readonly ring = new KeyRing();
  /** While set, the key goes on unwrapping though it is disabled. */
  staysAlive = 0;

  constructor(
    private readonly effects: Effects,
    private readonly now: () => Promise<number>,
  ) {}

  readonly wrap: PlatformKeys['wrap'] = (keyRef, bytes, context) =>
    this.effects.run('platform.wrap', async () => ({
      wrapped: this.ring.wrap(keyRef, bytes, context),
      keyRef,
      requestId: requestId(),
    }));

  readonly unwrap: PlatformKeys['unwrap'] = (keyRef, wrapped, context) =>
    this.effects.run('platform.unwrap', async () => ({
      bytes: this.ring.unwrap(keyRef, wrapped, context),
      requestId: requestId(),
    }));

  readonly create: PlatformKeyControl['create'] = (organization, offboarding) =>
    this.effects.run('control.create', async () => {
      const keyRef = platformRef(organization, offboarding);
      this.ring.add(keyRef);
      return keyRef;
    });

  readonly retireSpare: PlatformKeyControl['retireSpare'] = (organization, offboarding) =>
    this.effects.run('control.retireSpare', async () => {
      const keyRef = platformRef(organization, offboarding);
      return this.ring.keys.has(keyRef) ? { keyRef, ...(await this.deleted(keyRef)) } : null;
    });

  readonly disable = (keyRef: KeyRef): Promise<void> =>
    this.effects.run('control.disable', async () => {
      const key = this.ring.key(keyRef);
      if (key.state === 'pending-deletion') throw new ProviderFailure('KEY_PENDING_DELETION');
      key.state = 'disabled';
    });

  readonly scheduleDeletion = (keyRef: KeyRef): Promise<{ destroyedAt: Instant }> =>
    this.effects.run('control.scheduleDeletion', () => this.deleted(keyRef));

  private async deleted(keyRef: KeyRef): Promise<{ destroyedAt: Instant }> {
    const key = this.ring.key(keyRef);
    key.state = 'pending-deletion';
    key.destroyedAt ??= new Date((await this.now()) + 7 * 86_400_000).toISOString() as Instant;
    return { destroyedAt: key.destroyedAt };
  }

  readonly state = async (keyRef: KeyRef): Promise<PlatformKeyState> => this.ring.key(keyRef).state;

  readonly refusesUnwrap: PlatformKeyControl['refusesUnwrap'] = (keyRef, wrapped, context) =>
    this.effects.run('control.refusesUnwrap', async () => {
      if (this.staysAlive > 0) {
        this.staysAlive -= 1;
        return { refused: false, requestId: null };
      }
      try {
        this.ring.unwrap(keyRef, wrapped, context).fill(0);
        return { refused: false, requestId: null };
      } catch (error) {
        if (error instanceof ProviderFailure && error.code === 'CONTEXT_OR_BLOB_INVALID') throw error;
        return { refused: true, requestId: null };
      }
    });
}
