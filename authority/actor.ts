import { importPKCS8, SignJWT } from 'jose';
import { ACTOR_TYP, type ActorClaims, actorClaims } from '../domain/actor';
import { Refusal } from '../domain/failure';
import { type Instant, msOf, type Sha256Hex } from '../domain/ids';
import { jsonOf, verifyJws } from './jws';
import type { Trust } from './trust';

/** Who sent a message: proved by a token our API signed for exactly this action and payload. @throws Refusal ACTOR_INVALID */
export async function verifyActor(
  trust: Trust,
  token: string,
  action: string,
  payloadDigest: Sha256Hex,
  now: Instant,
): Promise<ActorClaims> {
  const verdict = await verifyJws(token, ACTOR_TYP, trust.actorKeys);
  const parsed = verdict.ok ? actorClaims.safeParse(jsonOf(verdict.payload)) : undefined;
  if (!parsed?.success) throw new Refusal('ACTOR_INVALID');
  const claims = parsed.data;
  if (claims.action !== action || claims.payloadDigest !== payloadDigest)
    throw new Refusal('ACTOR_INVALID', 'made for another message');
  if (claims.exp * 1000 <= msOf(now)) throw new Refusal('ACTOR_INVALID', 'expired');
  return claims;
}

export type ActorSigner = (claims: ActorClaims) => Promise<string>;

/** The API's half: signs actor tokens. @param pkcs8 PEM of an Ed25519 private key. */
export async function createActorSigner(pkcs8: string, kid: string): Promise<ActorSigner> {
  const key = await importPKCS8(pkcs8, 'EdDSA');
  return (claims) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', typ: ACTOR_TYP, kid }).sign(key);
}
