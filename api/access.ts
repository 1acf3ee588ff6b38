import type { FastifyRequest } from 'fastify';
import { type Actor, may, type Permission, type Role, WHO_MAY } from '../domain/actor';
import { sha256OfText } from '../domain/digest';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import { organizationName } from '../domain/intake/fields';
import type { OrganizationRecord, Store, TokenRecord } from '../store/contract';
import type { ApiDeps } from './deps';

/** Who is calling, and for which organization where the route names one. */
export interface Caller {
  readonly role: Role;
  readonly actor: Actor;
  readonly organization: OrganizationRecord | null;
  /** The one organization the token is for; `null`: every one. */
  readonly visibleTo: OrganizationId | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs. A route without one answers nobody. */
    permission?: Permission;
    /** Whether it may be asked while the database is behind the signer, although it isn't a GET. */
    whileBehind?: boolean;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** Roles that belong to the operator; every other one is bound to its token's organization. */
const OPERATORS: readonly Role[] = ['support', 'sre', 'commerce'];
/** People of the operator's, who may know where things lie in its own infrastructure. */
export const isStaff = (role: Role): boolean => role === 'support' || role === 'sre';

/**
 * Token → role → permission → organization, before a byte of the body is read. An organization the token isn't
 * for is answered exactly as one that doesn't exist.
 * @throws Refusal UNAUTHENTICATED, FORBIDDEN, ORGANIZATION_UNKNOWN, LEDGER_BEHIND
 */
export async function admit(
  { store, behind }: Pick<ApiDeps, 'store' | 'behind'>,
  request: FastifyRequest,
): Promise<Caller> {
  const token = await authenticated(store, request.headers.authorization);
  const { permission } = request.routeOptions.config;
  if (permission === undefined) throw new Refusal('INTERNAL', 'the route names no permission');
  if (!may(token.role, permission))
    throw new Refusal('FORBIDDEN', `${permission} needs the role ${rolesFor(permission)}`);
  const isBound = !OPERATORS.includes(token.role);
  if (isBound && token.organization === null)
    throw new Refusal('FORBIDDEN', 'the token is bound to no organization');

  const asked = (request.params as { org?: string } | undefined)?.org;
  const organization = asked === undefined ? null : await found(store, token, asked);
  const changes = request.method !== 'GET' && request.routeOptions.config.whileBehind !== true;
  if (changes && organization !== null && behind.has(organization.id)) throw new Refusal('LEDGER_BEHIND');
  return {
    role: token.role,
    actor: { kind: token.role, name: token.name },
    organization,
    visibleTo: token.organization,
  };
}

/** RFC 6750 §2.1. Looked up by SHA-256: neither the database nor the comparison ever holds a token. */
export async function authenticated(
  store: Pick<Store, 'tokenBySha256'>,
  header: string | undefined,
): Promise<TokenRecord> {
  const match = /^Bearer ([A-Za-z0-9._~+/-]{16,200}=*)$/i.exec(header ?? '');
  const token = match?.[1];
  const known = token === undefined ? null : await store.tokenBySha256(sha256OfText(token));
  if (known === null) throw new Refusal('UNAUTHENTICATED');
  return known;
}

async function found(
  store: Pick<Store, 'organizationByName'>,
  token: TokenRecord,
  asked: string,
): Promise<OrganizationRecord> {
  const name = organizationName.safeParse(asked);
  const record = name.success ? await store.organizationByName(name.data) : null;
  const isForeign = token.organization !== null && token.organization !== record?.id;
  if (record === null || isForeign) throw new Refusal('ORGANIZATION_UNKNOWN');
  return record;
}

const rolesFor = (permission: Permission): string =>
  WHO_MAY[permission].filter((kind) => kind !== 'temporal:unverified').join(' or ');

/** The caller of a route behind {@link admit}. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Refusal('INTERNAL', 'nobody was admitted');
  return request.caller;
}

/** The caller of a route that names an organization. */
export function callerFor(request: FastifyRequest): Caller & { organization: OrganizationRecord } {
  const caller = callerOf(request);
  if (caller.organization === null) throw new Refusal('INTERNAL', 'the route names no organization');
  return { ...caller, organization: caller.organization };
}
