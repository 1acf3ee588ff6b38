import { createHash } from 'node:crypto';
import { clouds } from '../clouds';
import { parseJwt, textClaim } from '../jwt';
import type { App, ServicePrincipal, Tenant } from '../model/state';
import type { World } from '../model/world';
import { requireCertificateAssertion } from './certificate-assertion';
import { requireFederatedAssertion } from './federated-assertion';
import { accessToken, lifetimeSeconds } from './issued-token';
import { EntraError } from './refusal';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * `POST /{tenant}/oauth2/v2.0/token`, client credentials only:
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @throws EntraError
 */
export function issueToken(world: World, tenant: Tenant, form: URLSearchParams): string {
  const grant = form.get('grant_type') ?? '';
  if (grant !== 'client_credentials') {
    throw new EntraError(
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant}'.`,
    );
  }
  const { app, principal } = clientIn(world, tenant, form.get('client_id') ?? '');
  const audience = audienceOf(tenant, form.get('scope') ?? '');
  const proof = requireProof(world, app, tenant, form);
  // As for people, Conditional Access speaks only once it's known who asks.
  if (principal.blockedByConditionalAccess) {
    throw new EntraError(
      'invalid_grant',
      53003,
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    );
  }
  return JSON.stringify({
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    access_token: accessToken(world, tenant, principal, audience, proof),
  });
}

function clientIn(world: World, tenant: Tenant, appId: string): { app: App; principal: ServicePrincipal } {
  const app = world.state.apps.get(appId.toLowerCase());
  const principal = app === undefined ? undefined : world.principalIn(tenant.id, app.appId);
  if (app === undefined || (principal === undefined && app.tenantId !== tenant.id)) {
    throw new EntraError(
      'unauthorized_client',
      700016,
      `Application with identifier '${appId}' was not found in the directory '${tenant.name}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    );
  }
  if (principal === undefined) {
    throw new EntraError(
      'unauthorized_client',
      7000229,
      `The client application ${app.appId} is missing service principal in the tenant ${tenant.id}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
    );
  }
  const atHome = world.principalIn(app.tenantId, app.appId);
  if (!principal.enabled || atHome?.enabled === false)
    throw new EntraError(
      'unauthorized_client',
      7000112,
      `Application '${app.appId}'(${app.name}) is disabled.`,
    );
  return { app, principal };
}

function audienceOf(tenant: Tenant, scope: string): string {
  const resource = /^(\S+)\/\.default$/.exec(scope)?.[1]?.replace(/\/$/, '');
  if (resource === undefined) {
    throw new EntraError(
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  if (resource !== clouds[tenant.cloud].vaultResource) {
    throw new EntraError(
      'invalid_resource',
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${tenant.name}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
    );
  }
  return resource;
}

/** @returns `appidacr`: `1` for a secret, `2` for an assertion */
function requireProof(world: World, app: App, tenant: Tenant, form: URLSearchParams): '1' | '2' {
  const secret = form.get('client_secret');
  if (secret !== null) {
    requireSecret(world, app, secret);
    return '1';
  }
  const assertion = form.get('client_assertion');
  if (assertion === null || form.get('client_assertion_type') !== assertionType) {
    throw new EntraError(
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      401,
    );
  }
  const jwt = parseJwt(assertion);
  if (jwt === undefined) throw new EntraError('invalid_request', 50027, 'JWT token is invalid or malformed.');
  if (textClaim(jwt.claims, 'iss') === app.appId)
    requireCertificateAssertion(jwt, app, tenant, world.clock());
  else requireFederatedAssertion(world, jwt, app);
  return '2';
}

function requireSecret(world: World, app: App, secret: string): void {
  const digest = createHash('sha256').update(secret).digest('hex');
  const found = [...app.secrets.values()].find((s) => s.digest === digest);
  if (found === undefined) {
    throw new EntraError(
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.appId}'.`,
      401,
    );
  }
  if (world.clock() >= found.expiresAt) {
    throw new EntraError(
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${app.appId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
      401,
    );
  }
}
