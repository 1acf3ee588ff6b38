import { generateKeyPairSync } from 'node:crypto';
import { type Random, uuid } from '../../keeping/ids';
import type { Snapshot } from '../../keeping/snapshot';
import type { Trail } from '../../keeping/trail';
import type { Cloud } from '../clouds';
import { makeTlsMaterial } from '../tls/authority';
import type { AuditRow } from '../trail/row';
import type { ServicePrincipal, State, Vault } from './state';

/**
 * The state, and the means to change it. Every change is made and saved in one synchronous step, so no request can
 * see half of one.
 */
export class World {
  readonly state: State;
  readonly #snapshot: Snapshot<State>;

  constructor(
    snapshot: Snapshot<State>,
    readonly trail: Trail<AuditRow>,
    /** Epoch milliseconds. */
    readonly clock: () => number,
    readonly random: Random,
  ) {
    const loaded = snapshot.load();
    this.#snapshot = snapshot;
    this.state = loaded === undefined ? emptyState(random) : current(loaded);
    if (loaded === undefined) this.save();
  }

  save(): void {
    this.#snapshot.save(this.state);
  }

  uuid(): string {
    return uuid(this.random);
  }

  /** The app or managed identity as that tenant knows it. */
  principalIn(tenantId: string, appId: string): ServicePrincipal | undefined {
    for (const principal of this.state.principals.values()) {
      if (principal.tenantId === tenantId && principal.appId === appId) return principal;
    }
    return undefined;
  }

  /** Soft-deleted ones included; one whose retention has ended is gone. */
  vault(cloud: Cloud, name: string): Vault | undefined {
    const id = vaultId(cloud, name);
    const vault = this.state.vaults.get(id);
    if (vault?.deleted === undefined || this.clock() < vault.deleted.purgeAt) return vault;
    this.state.vaults.delete(id);
    this.save();
    return undefined;
  }
}

/** A state folder from before vaults had secrets stays of use. */
function current(loaded: State): State {
  const vaults = new Map<string, Vault>();
  for (const [id, vault] of loaded.vaults) {
    const { secrets, secretPolicies }: Partial<Vault> = vault;
    vaults.set(id, {
      ...vault,
      secrets: secrets ?? new Map(),
      secretPolicies: secretPolicies ?? new Map(),
    });
  }
  return { ...loaded, vaults };
}

export function vaultId(cloud: Cloud, name: string): string {
  return `${cloud}/${name.toLowerCase()}`;
}

/** The resource id that role assignments and audit rows name. */
export function resourceIdOf(vault: Vault): string {
  return (
    `/subscriptions/${vault.subscriptionId}/resourcegroups/${vault.resourceGroup}` +
    `/providers/microsoft.keyvault/vaults/${vault.name}`
  ).toLowerCase();
}

function emptyState(random: Random): State {
  return {
    tls: makeTlsMaterial(random),
    tokenKey: { kid: random(20).toString('base64url'), privateKey: rsaPrivateKey(2048) },
    tenants: new Map(),
    apps: new Map(),
    principals: new Map(),
    issuers: new Map(),
    vaults: new Map(),
    roles: new Map(),
    assignments: new Map(),
  };
}

/** PKCS #8 PEM. */
export function rsaPrivateKey(bits: number): string {
  return generateKeyPairSync('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}
