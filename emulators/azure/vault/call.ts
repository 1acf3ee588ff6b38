import { header, type WireRequest } from '../../loopback/wire';
import type { Vault } from '../model/state';
import type { World } from '../model/world';
import type { Caller } from './authenticate';

/** Operations as the audit log names them. */
export type OperationName =
  | 'KeyCreate'
  | 'KeyImport'
  | 'KeyGet'
  | 'KeyUpdate'
  | 'KeyRotate'
  | 'KeyList'
  | 'KeyListVersions'
  | 'KeyDelete'
  | 'KeyGetDeleted'
  | 'KeyListDeleted'
  | 'KeyRecover'
  | 'KeyPurge'
  | 'KeyEncrypt'
  | 'KeyDecrypt'
  | 'KeyWrap'
  | 'KeyUnwrap'
  | 'SecretSet'
  | 'SecretGet'
  | 'SecretUpdate'
  | 'SecretDelete'
  | 'SecretGetDeleted';

/** A request's path, taken apart. */
export interface Addressed {
  /** What the name is a name of. */
  readonly collection: 'keys' | 'secrets';
  readonly operation: OperationName | undefined;
  readonly name: string;
  /** Empty: the newest. */
  readonly version: string;
  readonly apiVersion: string;
}

const uses = new Map<string, OperationName>([
  ['encrypt', 'KeyEncrypt'],
  ['decrypt', 'KeyDecrypt'],
  ['wrapkey', 'KeyWrap'],
  ['unwrapkey', 'KeyUnwrap'],
]);

/**
 * `/keys/{name}/{version}/{use}`, `/secrets/{name}/{version}` and their like. An absent version may be an empty segment, as the JavaScript SDK
 * sends it, or no segment at all.
 */
export function addressed(request: WireRequest): Addressed {
  const url = new URL(request.target, 'https://vault');
  const [kind = '', name = '', third = '', fourth] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const use = uses.get((fourth ?? third).toLowerCase());
  const operation = operationOf(request.method, kind.toLowerCase(), name, third, use);
  const version = use === undefined || fourth !== undefined ? third : '';
  return {
    collection: kind.toLowerCase().endsWith('secrets') ? 'secrets' : 'keys',
    operation,
    name,
    version: reserved.has(version) ? '' : version.toLowerCase(),
    apiVersion: url.searchParams.get('api-version') ?? '',
  };
}

const reserved = new Set(['create', 'rotate', 'versions', 'recover']);

function operationOf(
  method: string,
  kind: string,
  name: string,
  third: string,
  use: OperationName | undefined,
): OperationName | undefined {
  if (kind === 'keys') {
    if (method === 'POST') {
      if (use !== undefined) return use;
      return third === 'create' ? 'KeyCreate' : third === 'rotate' ? 'KeyRotate' : undefined;
    }
    if (method === 'GET')
      return name === '' ? 'KeyList' : third === 'versions' ? 'KeyListVersions' : 'KeyGet';
    if (method === 'PUT') return third === '' ? 'KeyImport' : undefined;
    if (method === 'PATCH') return 'KeyUpdate';
    return method === 'DELETE' && third === '' ? 'KeyDelete' : undefined;
  }
  if (kind === 'secrets') return name === '' ? undefined : secretOperation(method, third);
  if (kind === 'deletedsecrets')
    return method === 'GET' && name !== '' && third === '' ? 'SecretGetDeleted' : undefined;
  if (kind === 'deletedkeys') {
    if (method === 'GET') return name === '' ? 'KeyListDeleted' : 'KeyGetDeleted';
    if (method === 'POST') return third === 'recover' ? 'KeyRecover' : undefined;
    return method === 'DELETE' ? 'KeyPurge' : undefined;
  }
  return undefined;
}

function secretOperation(method: string, third: string): OperationName | undefined {
  if (method === 'GET') return third === 'versions' ? undefined : 'SecretGet';
  if (method === 'PUT') return third === '' ? 'SecretSet' : undefined;
  if (method === 'PATCH') return 'SecretUpdate';
  return method === 'DELETE' && third === '' ? 'SecretDelete' : undefined;
}

/** One authenticated request, as its operation sees it. */
export interface VaultCall {
  readonly world: World;
  readonly vault: Vault;
  readonly caller: Caller;
  readonly addressed: Addressed;
  readonly nowMs: number;
  readonly notes: Notes;
}

/** What an operation has to say to the log and to whoever saves. */
export interface Notes {
  /** Identifier of what the request was about. */
  id: string | undefined;
  algorithm: string | undefined;
  /** Set by an operation that has changed the state: it's saved before the answer leaves. */
  changed: boolean;
}

/** A header that's echoed and logged must be what it claims to be. */
export function clientRequestId(request: WireRequest): string | undefined {
  const given = header(request, 'x-ms-client-request-id');
  return given !== undefined && /^[\w-]{1,64}$/.test(given) ? given : undefined;
}
