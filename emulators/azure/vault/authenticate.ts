import { header, type WireRequest } from '../../loopback/wire';
import { clouds, loginHostOf } from '../clouds';
import { tokenPublicKey } from '../entra/issued-token';
import { numberClaim, parseJwt, signatureHolds, textClaim } from '../jwt';
import type { Vault } from '../model/state';
import type { World } from '../model/world';
import { VaultError } from './refusal';

/** Who a checked token speaks for. */
export interface Caller {
  readonly appId: string;
  readonly objectId: string;
  readonly issuer: string;
}

interface Checked extends Caller {
  readonly audience: string;
  readonly notBefore: number;
  readonly expires: number;
}

/** Tokens whose signature held, so that it's computed once for each; all else is checked every time. */
const checked = new WeakMap<World, Map<string, Checked>>();
const rememberedMost = 10_000;
const skewSeconds = 300;

/**
 * The bearer token, really checked: signature, audience, issuer (the vault's tenant and no other), time.
 * @throws VaultError 401 with the challenge that tells where a token is to be had
 */
export function authenticate(world: World, vault: Vault, request: WireRequest): Caller {
  const token = /^Bearer\s+(\S+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
  if (token === undefined)
    throw unauthorized(vault, 'AKV10000: Request is missing a Bearer or PoP token.', undefined);
  const refuse = (message: string): VaultError => unauthorized(vault, message, 'invalid_token');
  const known = remembered(world, token);
  if (known === undefined) throw refuse('AKV10000: Token signature or shape is invalid.');
  const { vaultResource, tokenIssuer } = clouds[vault.cloud];
  if (known.audience.replace(/\/$/, '') !== vaultResource)
    throw refuse(`AKV10022: Invalid audience. Expected ${vaultResource}, found: ${known.audience}.`);
  const issuer = `${tokenIssuer}/${vault.tenantId}/`;
  if (known.issuer !== issuer)
    throw refuse(`AKV10032: Invalid issuer. Expected one of ${issuer}, found ${known.issuer}.`);
  const now = world.clock() / 1000;
  if (now >= known.expires + skewSeconds || now < known.notBefore - skewSeconds)
    throw refuse('AKV10000: Token lifetime is invalid.');
  return known;
}

function remembered(world: World, token: string): Checked | undefined {
  let known = checked.get(world);
  if (known === undefined || known.size > rememberedMost) {
    known = new Map();
    checked.set(world, known);
  }
  const found = known.get(token);
  if (found !== undefined) return found;
  const fresh = check(world, token);
  if (fresh !== undefined) known.set(token, fresh);
  return fresh;
}

function check(world: World, token: string): Checked | undefined {
  const jwt = parseJwt(token);
  if (jwt === undefined || textClaim(jwt.header, 'kid') !== world.state.tokenKey.kid) return undefined;
  if (!signatureHolds(jwt, tokenPublicKey(world))) return undefined;
  const { claims } = jwt;
  return {
    appId: textClaim(claims, 'appid') ?? '',
    objectId: textClaim(claims, 'oid') ?? '',
    issuer: textClaim(claims, 'iss') ?? '',
    audience: textClaim(claims, 'aud') ?? '',
    notBefore: numberClaim(claims, 'nbf') ?? 0,
    expires: numberClaim(claims, 'exp') ?? 0,
  };
}

/** https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses */
function unauthorized(vault: Vault, message: string, error: string | undefined): VaultError {
  const challenge =
    `Bearer authorization="https://${loginHostOf(vault.cloud)}/${vault.tenantId}", resource="${clouds[vault.cloud].vaultResource}"` +
    (error === undefined ? '' : `, error="${error}"`);
  return new VaultError(401, 'Unauthorized', message, undefined, { 'www-authenticate': challenge });
}

/** As error messages show a caller. */
export function shown(caller: Caller): string {
  return `appid=${caller.appId};oid=${caller.objectId};iss=${caller.issuer}`;
}
