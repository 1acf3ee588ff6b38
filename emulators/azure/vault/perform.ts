import { type Answer, header, type WireRequest } from '../../loopback/wire';
import type { Vault } from '../model/state';
import type { World } from '../model/world';
import { auditRow } from '../trail/audit';
import { authenticate, type Caller } from './authenticate';
import { authorize } from './authorize';
import { type Addressed, clientRequestId, type Notes, type VaultCall } from './call';
import { requireAddress } from './firewall';
import { badParameter, refusalAnswer, VaultError } from './refusal';
import type { RequestLimit } from './request-limit';
import { vaultOperations } from './service';

/** One request to a vault, before anything about it is decided. */
export interface Arrived {
  readonly world: World;
  readonly vault: Vault;
  readonly addressed: Addressed;
  readonly request: WireRequest;
  readonly requestId: string;
  readonly limit: RequestLimit;
}

/**
 * Does what was asked, and records it. Everything here happens in one synchronous step: reading the state, deciding,
 * changing, saving, and taking the sequence number. So the order of sequence numbers is the order of effects.
 * @param injected an error to refuse with instead of deciding
 */
export function performVault(
  arrived: Arrived,
  injected?: { readonly error: VaultError; readonly faultId: string },
): Answer {
  const { world, vault, request, requestId } = arrived;
  const notes: Notes = { id: undefined, algorithm: undefined, changed: false };
  const headers = vaultHeaders(vault, request, requestId);
  let caller: Caller | undefined;
  let answer: Answer;
  try {
    // An injected refusal comes after the token, so that the row says who was refused.
    caller = authenticate(world, vault, request);
    if (injected !== undefined) throw injected.error;
    const body = decided(arrived, caller, notes);
    answer =
      body === undefined
        ? { status: 204, headers, body: '' }
        : { status: 200, headers, body: JSON.stringify(body) };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    answer = refusalAnswer(error, headers);
  }
  const durable = notes.changed && answer.errorCode === undefined;
  if (durable) world.save();
  if (vault.diagnostics)
    world.trail.append(auditRow(arrived, caller, notes, answer, injected?.faultId), durable);
  return answer;
}

/** The order of checks: throttle, firewall, shape, permission, key, state of the key, cryptography. */
function decided(arrived: Arrived, caller: Caller, notes: Notes): object | undefined {
  const { world, vault, addressed, request, limit } = arrived;
  const nowMs = world.clock();
  limit.take(vault, nowMs);
  requireAddress(vault, caller, request.sourceIp);
  if (!/^(7\.\d|2016-10-01|20[2-9]\d-\d\d-\d\d)(-preview(\.\d)?)?$/.test(addressed.apiVersion))
    throw badParameter('The specified version is not supported, or api-version is missing.');
  if (addressed.operation === undefined)
    throw new VaultError(405, 'MethodNotAllowed', 'The method or path is not emulated.');
  const { permission, run } = vaultOperations[addressed.operation];
  const call: VaultCall = { world, vault, caller, addressed, nowMs, notes };
  authorize(call, permission);
  return run(call, bodyOf(request));
}

function bodyOf({ body }: WireRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw badParameter('The request body is not valid JSON.');
  }
}

function vaultHeaders(vault: Vault, request: WireRequest, requestId: string): Record<string, string> {
  const clientId = clientRequestId(request);
  return {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    'x-ms-keyvault-region': vault.location,
    'x-ms-request-id': requestId,
    ...(clientId === undefined || header(request, 'x-ms-return-client-request-id') === 'false'
      ? {}
      : { 'x-ms-client-request-id': clientId }),
    'x-ms-keyvault-service-version': '1.9.0.0',
    'x-ms-keyvault-network-info': `conn_type=Ipv4;addr=${request.sourceIp};act_addr_fam=InterNetwork;`,
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000;includeSubDomains',
  };
}
