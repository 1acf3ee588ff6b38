import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { clouds, loginHostOf } from '../clouds';
import { signJwt } from '../jwt';
import type { ServicePrincipal, Tenant } from '../model/state';
import type { World } from '../model/world';

export const lifetimeSeconds = 3599;
/** Tokens are good from five minutes before they were made, against skewed clocks. */
const backdatedSeconds = 300;

/**
 * An access token of version 1.0 for a service principal, as Key Vault gets it:
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @param proof how the client proved who it is: `1` a secret, `2` a certificate or an assertion
 */
export function accessToken(
  world: World,
  tenant: Tenant,
  principal: ServicePrincipal,
  audience: string,
  proof: '1' | '2',
): string {
  const issuer = `${clouds[tenant.cloud].tokenIssuer}/${tenant.id}/`;
  return signed(world, {
    aud: audience,
    iss: issuer,
    ...times(world),
    appid: principal.appId,
    appidacr: proof,
    idp: issuer,
    idtyp: 'app',
    oid: principal.objectId,
    sub: principal.objectId,
    tid: tenant.id,
    uti: world.random(16).toString('base64url'),
    ver: '1.0',
  });
}

/** A managed identity's token of version 2.0, to be exchanged for an app's. */
export function exchangeToken(
  world: World,
  tenant: Tenant,
  identity: ServicePrincipal,
  audience: string,
): string {
  return signed(world, {
    aud: audience,
    iss: identityIssuer(tenant),
    ...times(world),
    azp: identity.appId,
    azpacr: '2',
    idtyp: 'app',
    oid: identity.objectId,
    sub: identity.objectId,
    tid: tenant.id,
    uti: world.random(16).toString('base64url'),
    ver: '2.0',
  });
}

/** Issuer that a federated credential names when its source is a managed identity. */
export function identityIssuer(tenant: Tenant): string {
  return `https://${loginHostOf(tenant.cloud)}/${tenant.id}/v2.0`;
}

function times(world: World): { iat: number; nbf: number; exp: number } {
  const now = Math.floor(world.clock() / 1000);
  return { iat: now, nbf: now - backdatedSeconds, exp: now + lifetimeSeconds };
}

function signed(world: World, claims: Record<string, unknown>): string {
  const { kid, privateKey } = world.state.tokenKey;
  return signJwt({ kid, x5t: kid }, claims, privateKey);
}

const publicKeys = new WeakMap<World, KeyObject>();

/** What Entra's own tokens are checked with. */
export function tokenPublicKey(world: World): KeyObject {
  const known = publicKeys.get(world);
  if (known !== undefined) return known;
  const key = createPublicKey(createPrivateKey(world.state.tokenKey.privateKey));
  publicKeys.set(world, key);
  return key;
}
