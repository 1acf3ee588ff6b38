import { STATUS_CODES } from 'node:http';
import { type Answer, header } from '../../loopback/wire';
import type { Vault } from '../model/state';
import { resourceIdOf, type World } from '../model/world';
import type { Caller } from '../vault/authenticate';
import { clientRequestId, type Notes } from '../vault/call';
import { vaultUrl } from '../vault/key-bundle';
import type { Arrived } from '../vault/perform';
import type { AuditRow } from './row';

const objectIdentifier = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** The row of one request to a vault. It never bears a value, wrapped or not, or a token. */
export function auditRow(
  { world, vault, addressed, request, requestId }: Arrived,
  caller: Caller | undefined,
  notes: Notes,
  answer: Answer,
  injectedFault: string | undefined,
): Omit<AuditRow, 'sequence'> {
  return {
    ...common(world, vault, answer.status),
    // A path that is no operation was still a call.
    operationName: addressed.operation ?? 'Unknown',
    operationVersion: addressed.apiVersion,
    callerIpAddress: request.sourceIp,
    correlationId: clientRequestId(request) ?? requestId,
    identity:
      caller === undefined ? {} : { claim: { [objectIdentifier]: caller.objectId, appid: caller.appId } },
    properties: {
      clientInfo: header(request, 'user-agent') ?? '',
      requestUri: `${vaultUrl(vault)}${request.target}`,
      httpStatusCode: answer.status,
      ...(notes.id === undefined ? {} : { id: notes.id }),
      ...(notes.algorithm === undefined ? {} : { algorithm: notes.algorithm }),
      ...(injectedFault === undefined ? {} : { injectedFault }),
    },
  };
}

/** The row of a change to the vault itself, which Azure makes through its Resource Manager. */
export function vaultChangeRow(
  world: World,
  vault: Vault,
  operationName: 'VaultPut' | 'VaultPatch' | 'VaultDelete' | 'VaultRecover',
): Omit<AuditRow, 'sequence'> {
  return {
    ...common(world, vault, 200),
    operationName,
    operationVersion: '2023-07-01',
    callerIpAddress: '127.0.0.1',
    correlationId: world.uuid(),
    identity: {},
    properties: {
      clientInfo: 'control door',
      requestUri: `https://management.azure.com${resourceIdOf(vault)}?api-version=2023-07-01`,
      httpStatusCode: 200,
      id: `${vaultUrl(vault)}/`,
    },
  };
}

function common(
  world: World,
  vault: Vault,
  status: number,
): Pick<
  AuditRow,
  'time' | 'category' | 'resourceId' | 'resultType' | 'resultSignature' | 'resultDescription' | 'durationMs'
> {
  return {
    time: new Date(world.clock()).toISOString(),
    category: 'AuditEvent',
    resourceId: resourceIdOf(vault).toUpperCase(),
    resultType: status < 400 ? 'Success' : 'Failed',
    resultSignature: (STATUS_CODES[status] ?? String(status)).replace('No Content', 'OK'),
    resultDescription: '',
    durationMs: '0',
  };
}
