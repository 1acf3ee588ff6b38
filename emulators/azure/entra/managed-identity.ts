import { createHmac, timingSafeEqual } from 'node:crypto';
import { clouds } from '../clouds';
import type { ServicePrincipal, Tenant } from '../model/state';
import type { World } from '../model/world';
import { accessToken, exchangeToken, lifetimeSeconds } from './issued-token';

/** What stands in the environment of whoever may use the identity (`IDENTITY_HEADER`). */
export function identityHeaderOf(world: World, clientId: string): string {
  return createHmac('sha256', world.state.tokenKey.privateKey).update(clientId).digest('hex');
}

/**
 * `GET /msi/token`, as App Service offers it:
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function managedIdentityEndpoint(
  world: World,
  query: URLSearchParams,
  identityHeader: string | undefined,
): { status: number; body: object } {
  const clientId = (query.get('client_id') ?? '').toLowerCase();
  const resource = query.get('resource');
  const identity = [...world.state.principals.values()].find(
    (p) => p.managedIdentity && p.appId === clientId,
  );
  const expected = Buffer.from(identityHeaderOf(world, clientId));
  const given = Buffer.from(identityHeader ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { status: 401, body: { statusCode: 401, message: 'Identity header missing or wrong' } };
  if (identity === undefined || resource === null)
    return {
      status: 400,
      body: { statusCode: 400, message: 'No managed identity found, or no resource asked for' },
    };
  return {
    status: 200,
    body: {
      access_token: managedIdentityToken(world, identity, resource),
      expires_on: String(Math.floor(world.clock() / 1000) + lifetimeSeconds),
      resource,
      token_type: 'Bearer',
      client_id: clientId,
    },
  };
}

/** @throws RangeError if the identity's tenant is gone */
export function managedIdentityToken(world: World, identity: ServicePrincipal, resource: string): string {
  const tenant: Tenant | undefined = world.state.tenants.get(identity.tenantId);
  if (tenant === undefined) throw new RangeError(`no tenant ${identity.tenantId}`);
  return resource === clouds[tenant.cloud].vaultResource
    ? accessToken(world, tenant, identity, resource, '2')
    : exchangeToken(world, tenant, identity, resource);
}
