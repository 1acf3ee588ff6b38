import type { Answer, WireRequest } from '../../loopback/wire';
import { header } from '../../loopback/wire';
import { type Cloud, loginHostOf } from '../clouds';
import type { Tenant } from '../model/state';
import type { World } from '../model/world';
import { entraKeys, instanceDiscovery, openIdConfiguration } from './discovery';
import { EntraError, entraHeaders, refusalAnswer, type Traced } from './refusal';
import { issueToken } from './token';

/** One request to a sign-in host, taken apart as far as faults and counters need it. */
export interface EntraCall {
  readonly action: 'Token' | 'OpenIdConfiguration' | 'Keys' | 'InstanceDiscovery' | 'Unknown';
  readonly cloud: Cloud;
  readonly tenantNamed: string;
  readonly version: 1 | 2;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly traced: Traced;
}

const routes: readonly [method: string, tail: RegExp, action: EntraCall['action']][] = [
  ['POST', /^oauth2\/v2\.0\/token$/, 'Token'],
  ['GET', /^(v2\.0\/)?\.well-known\/openid-configuration$/, 'OpenIdConfiguration'],
  ['GET', /^discovery\/(v2\.0\/)?keys$/, 'Keys'],
  ['GET', /^discovery\/instance$/, 'InstanceDiscovery'],
];

export function entraCall(world: World, cloud: Cloud, request: WireRequest): EntraCall {
  const url = new URL(request.target, 'https://login');
  const [tenantNamed = '', ...rest] = url.pathname.slice(1).split('/');
  const tail = rest.join('/');
  const form = new URLSearchParams(request.method === 'POST' ? request.body.toString('utf8') : '');
  const route = routes.find(([method, pattern]) => method === request.method && pattern.test(tail));
  return {
    action: route?.[2] ?? 'Unknown',
    cloud,
    tenantNamed: decodeURIComponent(tenantNamed).toLowerCase(),
    version: tail.includes('v2.0') ? 2 : 1,
    query: url.searchParams,
    form,
    traced: {
      traceId: world.uuid(),
      correlationId:
        header(request, 'client-request-id') ??
        form.get('client-request-id') ??
        url.searchParams.get('client-request-id') ??
        world.uuid(),
    },
  };
}

/** Synchronous, as everything that decides. */
export function performEntra(world: World, call: EntraCall): Answer {
  try {
    return { status: 200, headers: entraHeaders(call.traced), body: bodyOf(world, call) };
  } catch (error) {
    if (!(error instanceof EntraError)) throw error;
    return refusalAnswer(error, call.traced, world.clock(), loginHostOf(call.cloud));
  }
}

function bodyOf(world: World, call: EntraCall): string {
  const { action } = call;
  switch (action) {
    case 'InstanceDiscovery':
      return JSON.stringify(instanceDiscovery(call.cloud, call.query.get('authorization_endpoint') ?? ''));
    case 'Keys':
      return JSON.stringify(entraKeys(world));
    case 'OpenIdConfiguration':
      return JSON.stringify(openIdConfiguration(tenantOf(world, call, 'invalid_tenant'), call.version));
    case 'Token':
      return issueToken(world, tenantOf(world, call, 'invalid_request'), call.form);
    case 'Unknown':
      throw new EntraError('invalid_request', 900144, 'The endpoint is not emulated.', 404);
    default: {
      const never: never = action;
      throw new Error(`unknown action ${String(never)}`);
    }
  }
}

/** A tenant is named by id or domain, and belongs to one cloud. */
function tenantOf(world: World, call: EntraCall, oauth: 'invalid_tenant' | 'invalid_request'): Tenant {
  const named = call.tenantNamed;
  const tenant =
    world.state.tenants.get(named) ?? [...world.state.tenants.values()].find((t) => t.name === named);
  if (tenant?.cloud === call.cloud) return tenant;
  throw new EntraError(
    oauth,
    90002,
    `Tenant '${named}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  );
}
