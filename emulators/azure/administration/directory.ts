import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { identityIssuer } from '../entra/issued-token';
import type { App, ServicePrincipal, Tenant } from '../model/state';
import type { World } from '../model/world';
import { action } from './action';

/** Tenants, app registrations and their credentials, service principals. */
export const guid = z.guid().transform((id) => id.toLowerCase());
const always = Date.UTC(9999, 0, 1);

export const createTenant = action(
  z.strictObject({
    name: z.string().regex(/^[a-z0-9-]+$/),
    tenantId: guid.optional(),
    cloud: z.enum(['public', 'us-government', 'china']).default('public'),
  }),
  (world, { name, tenantId, cloud }) => {
    const known = tenantId === undefined ? undefined : world.state.tenants.get(tenantId);
    const tenant: Tenant = known ?? { id: tenantId ?? world.uuid(), name: `${name}.onmicrosoft.com`, cloud };
    world.state.tenants.set(tenant.id, tenant);
    const admin = adminOf(world, tenant) ?? makeAdmin(world, tenant);
    return {
      tenantId: tenant.id,
      domain: tenant.name,
      created: known === undefined,
      admin: {
        clientId: admin.appId,
        objectId: admin.objectId,
        clientSecret: adminSecret(world, admin.appId),
      },
    };
  },
);

/** The principal that owns a tenant's vaults. */
export function adminOf(world: World, tenant: Tenant): ServicePrincipal | undefined {
  const app = [...world.state.apps.values()].find(
    (a) => a.tenantId === tenant.id && a.name === 'administrator',
  );
  return app === undefined ? undefined : world.principalIn(tenant.id, app.appId);
}

function makeAdmin(world: World, tenant: Tenant): ServicePrincipal {
  const app = addApp(world, { tenantId: tenant.id, name: 'administrator', multiTenant: false });
  app.secrets.set('own', { id: 'own', digest: sha256(adminSecret(world, app.appId)), expiresAt: always });
  return addPrincipal(world, tenant.id, app.appId, false);
}

function adminSecret(world: World, appId: string): string {
  return createHmac('sha256', world.state.tokenKey.privateKey).update(`admin ${appId}`).digest('base64url');
}

export const createApp = action(
  z.strictObject({
    tenantId: guid,
    name: z.string().min(1),
    appId: guid.optional(),
    multiTenant: z.boolean().default(false),
  }),
  (world, wanted) => {
    tenantNamed(world, wanted.tenantId);
    const known = wanted.appId === undefined ? undefined : world.state.apps.get(wanted.appId);
    const app = known ?? addApp(world, wanted);
    const principal =
      world.principalIn(app.tenantId, app.appId) ?? addPrincipal(world, app.tenantId, app.appId, false);
    return { appId: app.appId, objectId: principal.objectId, created: known === undefined };
  },
);

function addApp(
  world: World,
  wanted: { tenantId: string; name: string; appId?: string | undefined; multiTenant: boolean },
): App {
  const app: App = {
    appId: wanted.appId ?? world.uuid(),
    name: wanted.name,
    tenantId: wanted.tenantId,
    multiTenant: wanted.multiTenant,
    certificates: new Map(),
    federated: new Map(),
    secrets: new Map(),
  };
  world.state.apps.set(app.appId, app);
  return app;
}

export const addCertificate = action(
  z.strictObject({ appId: guid, certificate: z.string() }),
  (world, wanted) => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(wanted.certificate);
    } catch {
      throw new RangeError('not a certificate');
    }
    const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '');
    const sha1 = plain(certificate.fingerprint);
    appNamed(world, wanted.appId).certificates.set(sha1, {
      pem: certificate.toString(),
      sha1,
      sha256: plain(certificate.fingerprint256),
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
    });
    return { thumbprint: sha1 };
  },
);

export const removeCertificate = action(
  z.strictObject({ appId: guid, thumbprint: z.string() }),
  (world, { appId, thumbprint }) => ({
    removed: appNamed(world, appId).certificates.delete(thumbprint.toUpperCase()),
  }),
);

export const addFederatedCredential = action(
  z.strictObject({
    appId: guid,
    name: z.string().min(1),
    issuer: z.url(),
    subject: z.string().min(1),
    audience: z.string().min(1).default('api://AzureADTokenExchange'),
  }),
  (world, { appId, ...credential }) => {
    appNamed(world, appId).federated.set(credential.name, credential);
    return credential;
  },
);

export const removeFederatedCredential = action(
  z.strictObject({ appId: guid, name: z.string() }),
  (world, { appId, name }) => ({ removed: appNamed(world, appId).federated.delete(name) }),
);

export const addSecret = action(
  z.strictObject({ appId: guid, expiresAt: z.number().default(always) }),
  (world, { appId, expiresAt }) => {
    const id = world.uuid();
    const secretText = world.random(30).toString('base64url');
    appNamed(world, appId).secrets.set(id, { id, digest: sha256(secretText), expiresAt });
    return { secretId: id, secretText };
  },
);

/** What an administrator's consent does: the app gets a principal in that tenant. Idempotent. */
export const installApp = action(
  z.strictObject({ tenantId: guid, appId: guid }),
  (world, { tenantId, appId }) => {
    tenantNamed(world, tenantId);
    const app = appNamed(world, appId);
    if (!app.multiTenant && app.tenantId !== tenantId)
      throw new RangeError(`app ${appId} is for its own tenant only`);
    const known = world.principalIn(tenantId, appId);
    const principal = known ?? addPrincipal(world, tenantId, appId, false);
    return { objectId: principal.objectId, created: known === undefined };
  },
);

/** As the tenant knows the app: one, or none. */
export const listPrincipals = action(
  z.strictObject({ tenantId: guid, appId: guid }),
  (world, { tenantId, appId }) => {
    const principal = world.principalIn(tenantId, appId);
    return { principals: principal === undefined ? [] : [{ ...principal }] };
  },
);

/** Its role assignments stay behind, naming an identity that isn't there. */
export const uninstallApp = action(
  z.strictObject({ tenantId: guid, appId: guid }),
  (world, { tenantId, appId }) => {
    const principal = world.principalIn(tenantId, appId);
    return { removed: principal !== undefined && world.state.principals.delete(principal.objectId) };
  },
);

export const changePrincipal = action(
  z.strictObject({
    tenantId: guid,
    appId: guid,
    enabled: z.boolean().optional(),
    blockedByConditionalAccess: z.boolean().optional(),
  }),
  (world, { tenantId, appId, enabled, blockedByConditionalAccess }) => {
    const principal = world.principalIn(tenantId, appId);
    if (principal === undefined) throw new RangeError(`app ${appId} isn't installed in ${tenantId}`);
    if (enabled !== undefined) principal.enabled = enabled;
    if (blockedByConditionalAccess !== undefined)
      principal.blockedByConditionalAccess = blockedByConditionalAccess;
    return { objectId: principal.objectId };
  },
);

export function addPrincipal(
  world: World,
  tenantId: string,
  appId: string,
  managedIdentity: boolean,
): ServicePrincipal {
  const principal: ServicePrincipal = {
    objectId: world.uuid(),
    appId,
    tenantId,
    managedIdentity,
    enabled: true,
    blockedByConditionalAccess: false,
  };
  world.state.principals.set(principal.objectId, principal);
  return principal;
}

export function tenantNamed(world: World, id: string): Tenant {
  const tenant = world.state.tenants.get(id);
  if (tenant === undefined) throw new RangeError(`no tenant ${id}`);
  return tenant;
}

function appNamed(world: World, appId: string): App {
  const app = world.state.apps.get(appId);
  if (app === undefined) throw new RangeError(`no app ${appId}`);
  return app;
}

/** Issuer and subject that a federated credential must name for this identity. */
export function federationOf(
  tenant: Tenant,
  identity: ServicePrincipal,
): { issuer: string; subject: string } {
  return { issuer: identityIssuer(tenant), subject: identity.objectId };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
