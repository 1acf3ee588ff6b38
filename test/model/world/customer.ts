import type { ProviderCode } from '../../../domain/codes';
import type { ConnectionInput } from '../../../domain/connection';
import type { KeyRef } from '../../../domain/ids';
import { FakeCustomerKeys } from '../../fakes/key-service';

/** What a customer, or their cloud, does to a key that everything hangs on. */
export const SWITCHES = [
  'disable',
  'disable-oldest',
  'schedule-deletion',
  'revoke',
  'deny-wrap',
  'outage',
] as const;
export type Switch = (typeof SWITCHES)[number];

/** Which of the customer's keys: the one that was entered last, or the one before it, which may still be in use. */
export const KEYS = ['entered', 'other'] as const;
export type WhichKey = (typeof KEYS)[number];

const REFUSES: Readonly<Partial<Record<Switch, FakeCustomerKeys['refuses']>>> = {
  revoke: { wrap: 'WRAP_DENIED', unwrap: 'UNWRAP_DENIED' },
  'deny-wrap': { wrap: 'WRAP_DENIED' },
  outage: { wrap: 'NETWORK', unwrap: 'NETWORK' },
};

interface OwnKey {
  /** Any number of switches may be off at once. */
  readonly off: Set<Switch>;
  version: number;
}

/** Two keys of Azure Key Vault, which have versions, and their owner. */
export class Customer extends FakeCustomerKeys {
  readonly #keys = new Map<string, OwnKey>();
  /** How many connections were entered: each names the key that the last one didn't. */
  #entered = 0;

  /** Another customer's keys have other names. */
  created(name: string): void {
    for (const key of ['', '-second']) {
      this.#keys.set(`https://customers.vault.azure.net/keys/smsk-${name}${key}`, {
        off: new Set(),
        version: 0,
      });
    }
    for (const which of KEYS) this.rotates(which);
  }

  /** What the customer enters next. */
  input(): ConnectionInput {
    this.#entered += 1;
    return {
      provider: 'azure-key-vault',
      tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47' as never,
      key: this.#nameOf('entered') as never,
      credential: { kind: 'azure-app', clientId: '3f5e2a10-0000-4000-8000-00000000000a' as never },
    };
  }

  /** @returns `false` where it has had enough of it */
  rotates(which: WhichKey): boolean {
    const [name, key] = this.#which(which);
    if (key.version > 3) return false;
    key.version += 1;
    const keyRef = `${name}/${String(key.version).padStart(32, '0')}` as KeyRef;
    this.aliases.set(name, keyRef);
    this.ring.add(keyRef);
    this.#apply();
    return true;
  }

  /** @returns `false` where it is so already */
  turn(which: WhichKey, what: Switch, to: 'off' | 'on'): boolean {
    const [, { off }] = this.#which(which);
    if (off.has(what) === (to === 'off')) return false;
    if (to === 'off') off.add(what);
    else off.delete(what);
    this.#apply();
    return true;
  }

  /** Everything as it should be. */
  mends(): void {
    for (const { off } of this.#keys.values()) off.clear();
    this.#apply();
  }

  /** What an unwrap under this version of a key is answered now, by what its owner has done to it; `null`: it is done. */
  refusalOf(keyRef: string): ProviderCode | null {
    const { unwrap } = this.refusesOf(keyRef);
    if (unwrap !== undefined) return unwrap;
    const state = this.ring.keys.get(keyRef as KeyRef)?.state;
    if (state === 'enabled') return null;
    return state === 'disabled' ? 'KEY_DISABLED' : 'KEY_PENDING_DELETION';
  }

  /** Nothing at all is in the way of the key of which this is a version. */
  isWell = (keyRef: string): boolean => this.#keyOf(keyRef).off.size === 0;

  /** @returns what puts the customer back where it is now */
  kept(): () => void {
    const ring = [...this.ring.keys].map(([keyRef, key]) => [keyRef, { ...key }] as const);
    const own = [...this.#keys].map(([name, { off, version }]) => [name, [...off], version] as const);
    const [aliases, entered] = [[...this.aliases], this.#entered];
    return () => {
      this.ring.keys.clear();
      for (const [keyRef, key] of ring) this.ring.keys.set(keyRef, { ...key });
      this.#keys.clear();
      for (const [name, off, version] of own) this.#keys.set(name, { off: new Set(off), version });
      this.aliases.clear();
      for (const [name, keyRef] of aliases) this.aliases.set(name, keyRef);
      this.#entered = entered;
      this.#apply();
    };
  }

  protected override refusesOf(key: string): FakeCustomerKeys['refuses'] {
    return Object.assign({}, ...[...this.#keyOf(key).off].map((each) => REFUSES[each] ?? {}));
  }

  protected override troubleOf(key: string): ProviderCode | null {
    return this.#keyOf(key).off.has('outage') ? 'NETWORK' : null;
  }

  #nameOf(which: WhichKey): string {
    const names = [...this.#keys.keys()];
    const last = Math.max(0, this.#entered - 1) + (which === 'entered' ? 0 : 1);
    return names[last % names.length] ?? '';
  }

  #which(which: WhichKey): readonly [string, OwnKey] {
    const name = this.#nameOf(which);
    return [name, this.#keyOf(name)];
  }

  /** By its name, or that of one of its versions. */
  #keyOf(keyRef: string): OwnKey {
    for (const [name, key] of this.#keys) if (keyRef === name || keyRef.startsWith(`${name}/`)) return key;
    throw new Error(`the customer has no key ${keyRef}`);
  }

  #apply(): void {
    for (const [name, { off }] of this.#keys) {
      const versions = [...this.ring.keys].filter(([keyRef]) => keyRef.startsWith(`${name}/`));
      for (const [nth, [, key]] of versions.entries()) {
        const isDisabled = off.has('disable') || (off.has('disable-oldest') && nth === 0);
        key.state = off.has('schedule-deletion') ? 'pending-deletion' : isDisabled ? 'disabled' : 'enabled';
      }
    }
  }
}
