import type { FastifyRequest } from 'fastify';
import { may } from '../../domain/actor';
import { Refusal } from '../../domain/failure';
import type { TokenRecord } from '../../store/contract';
import { authenticated, type Caller } from '../access';
import type { ApiDeps } from '../deps';
import { sessionIn } from './session';

type Deps = Pick<ApiDeps, 'store' | 'codec' | 'now'>;

/**
 * Who may read payloads: by `Authorization: Bearer`, or by the sign-in's cookie.
 * @throws Refusal UNAUTHENTICATED, FORBIDDEN
 */
export async function admitStaff(deps: Deps, request: FastifyRequest): Promise<Caller> {
  const { authorization } = request.headers;
  const known =
    authorization === undefined
      ? await signedIn(deps, request.headers.cookie)
      : await authenticated(deps.store, authorization);
  if (known === null) throw new Refusal('UNAUTHENTICATED', 'sign in at /codec/sign-in first');
  return staffOf(known);
}

/** @throws Refusal FORBIDDEN */
export function staffOf({ role, name }: TokenRecord): Caller {
  if (!may(role, 'readPayloads'))
    throw new Refusal('FORBIDDEN', 'readPayloads needs the role support or sre');
  return { role, actor: { kind: role, name }, organization: null, visibleTo: null };
}

/** Who is signed in; `null`: nobody, or with a token that was revoked since. */
export async function signedIn(
  { store, codec, now }: Deps,
  cookies: string | undefined,
): Promise<TokenRecord | null> {
  const session = sessionIn(codec.sealing, cookies, now());
  return session === null ? null : store.tokenBySha256(session.sha256);
}
