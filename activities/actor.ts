import { type Actor, may, type Permission, UNVERIFIED } from '../domain/actor';
import { Refusal } from '../domain/failure';
import type { OrganizationName, Sha256Hex } from '../domain/ids';
import type { CustodyDeps } from './deps';

export interface ActorQuestion {
  readonly organization: OrganizationName;
  readonly permission: Permission;
  /** Over the message without its token (`workflows/contract`). */
  readonly payloadDigest: Sha256Hex;
  readonly token: string | null;
}

/**
 * Who sent a message, and that they may: the token is for this organization, this action and exactly this
 * message; without one it's somebody in the Temporal UI.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN
 */
export async function identifyActor(
  { authority, store }: Pick<CustodyDeps, 'authority' | 'store'>,
  { organization, permission, payloadDigest, token }: ActorQuestion,
): Promise<Actor> {
  const actor = token === null ? UNVERIFIED : await fromToken(token);
  if (!may(actor.kind, permission)) throw new Refusal('FORBIDDEN');
  return actor;

  async function fromToken(jws: string): Promise<Actor> {
    const claims = await authority.actor(jws, permission, payloadDigest, await store.now());
    if (claims.organization !== organization) throw new Refusal('ACTOR_INVALID');
    return { kind: claims.role, name: claims.name };
  }
}
