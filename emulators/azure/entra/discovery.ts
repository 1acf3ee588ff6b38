import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Cloud, cloudOfLoginHost, clouds, loginHostOf } from '../clouds';
import type { OutsideIssuer, Tenant } from '../model/state';
import type { World } from '../model/world';
import { tokenPublicKey } from './issued-token';
import { EntraError } from './refusal';

/** `GET /{tenant}/v2.0/.well-known/openid-configuration`, and without `v2.0`. */
export function openIdConfiguration(tenant: Tenant, version: 1 | 2): object {
  const { tokenIssuer } = clouds[tenant.cloud];
  const base = `https://${loginHostOf(tenant.cloud)}/${tenant.id}`;
  const path = version === 2 ? 'oauth2/v2.0' : 'oauth2';
  return {
    token_endpoint: `${base}/${path}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: version === 2 ? `${base}/discovery/v2.0/keys` : `${base}/discovery/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: version === 2 ? `${base}/v2.0` : `${tokenIssuer}/${tenant.id}/`,
    authorization_endpoint: `${base}/${path}/authorize`,
    tenant_region_scope: 'EU',
    cloud_instance_name: cloudName[tenant.cloud],
  };
}

const cloudName: Readonly<Record<Cloud, string>> = {
  public: 'microsoftonline.com',
  'us-government': 'microsoftonline.us',
  china: 'partner.microsoftonline.cn',
};

/** `GET /{tenant}/discovery/v2.0/keys` */
export function entraKeys(world: World): object {
  return {
    keys: [{ ...jwk(tokenPublicKey(world), world.state.tokenKey.kid), x5t: world.state.tokenKey.kid }],
  };
}

/** `jwks` of an emulated issuer outside Entra. */
export function issuerKeys(issuer: OutsideIssuer): object {
  return { keys: issuer.keys.map((k) => jwk(createPublicKey(k.publicKey), k.kid)) };
}

function jwk(key: KeyObject, kid: string): object {
  return { use: 'sig', alg: 'RS256', kid, ...key.export({ format: 'jwk' }) };
}

/**
 * `GET /common/discovery/instance`, with which MSAL learns which hosts mean the same cloud.
 * @throws EntraError 50049 for a host that's none of this cloud's
 */
export function instanceDiscovery(cloud: Cloud, authorizationEndpoint: string): object {
  const host = URL.canParse(authorizationEndpoint) ? new URL(authorizationEndpoint).hostname : '';
  const named = cloudOfLoginHost(host);
  if (named === undefined)
    throw new EntraError('invalid_request', 50049, `Unknown or invalid instance '${host}'.`);
  const tenant = new URL(authorizationEndpoint).pathname.split('/')[1] ?? 'common';
  return {
    tenant_discovery_endpoint: `https://${host}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: (cloud === 'public' ? (Object.keys(clouds) as Cloud[]) : [cloud]).map((c) => ({
      preferred_network: loginHostOf(c),
      preferred_cache: c === 'public' ? 'login.windows.net' : loginHostOf(c),
      aliases: clouds[c].loginHosts,
    })),
  };
}
