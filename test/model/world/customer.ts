import type { ConnectionInput } from '../../../domain/connection';
import type { KeyRef } from '../../../domain/ids';
import { FakeCustomerKeys } from '../../fakes/key-service';

/** What a customer, or their cloud, does to the key that everything hangs on. */
export const SWITCHES = [
  'disable',
  'disable-oldest',
  'schedule-deletion',
  'revoke',
  'deny-wrap',
  'outage',
] as const;
export type Switch = (typeof SWITCHES)[number];

const REFUSES: Readonly<Partial<Record<Switch, FakeCustomerKeys['refuses']>>> = {
  revoke: { wrap: 'WRAP_DENIED', unwrap: 'UNWRAP_DENIED' },
  'deny-wrap': { wrap: 'WRAP_DENIED' },
  outage: { wrap: 'NETWORK', unwrap: 'NETWORK' },
};

/** A key of Azure Key Vault, which has versions, and its owner. Any number of switches may be off at once. */
export class Customer extends FakeCustomerKeys {
  readonly off = new Set<Switch>();
  version = 1;

  /** Another customer key is another name. */
  input(name: string): ConnectionInput {
    return {
      provider: 'azure-key-vault',
      tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47' as never,
      key: this.#key(name) as never,
      credential: { kind: 'azure-app', clientId: '3f5e2a10-0000-4000-8000-00000000000a' as never },
    };
  }

  #key = (name: string) => `https://customers.vault.azure.net/keys/smsk-${name}`;
  #ref = (name: string, version: number) =>
    `${this.#key(name)}/${String(version).padStart(32, '0')}` as KeyRef;

  /** The key exists, in its newest version. */
  created(name: string): void {
    this.aliases.set(this.#key(name), this.#ref(name, this.version));
    this.ring.add(this.#ref(name, this.version));
    this.#apply();
  }

  rotates(name: string): void {
    this.version += 1;
    this.created(name);
  }

  turn(what: Switch, to: 'off' | 'on'): void {
    if (to === 'off') this.off.add(what);
    else this.off.delete(what);
    this.#apply();
  }

  /** Everything as it should be. */
  mends(): void {
    this.off.clear();
    this.#apply();
  }

  /** @returns what keeps the world as it is now, to be put back */
  kept(): () => void {
    const keys = [...this.ring.keys].map(([keyRef, key]) => [keyRef, { ...key }] as const);
    const [aliases, off, { version }] = [[...this.aliases], [...this.off], this];
    return () => {
      this.ring.keys.clear();
      for (const [keyRef, key] of keys) this.ring.keys.set(keyRef, { ...key });
      this.aliases.clear();
      for (const [name, keyRef] of aliases) this.aliases.set(name, keyRef);
      this.off.clear();
      for (const each of off) this.off.add(each);
      this.version = version;
      this.#apply();
    };
  }

  #apply(): void {
    const [oldest] = this.ring.keys.keys();
    for (const [keyRef, key] of this.ring.keys) {
      const isDisabled = this.off.has('disable') || (this.off.has('disable-oldest') && keyRef === oldest);
      key.state = this.off.has('schedule-deletion')
        ? 'pending-deletion'
        : isDisabled
          ? 'disabled'
          : 'enabled';
    }
    this.refuses = Object.assign({}, ...[...this.off].map((each) => REFUSES[each] ?? {}));
    this.trouble = this.off.has('outage') ? 'NETWORK' : null;
  }
}
