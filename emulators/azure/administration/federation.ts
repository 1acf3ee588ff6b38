import { createPrivateKey, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { clouds } from '../clouds';
import { identityHeaderOf, managedIdentityToken } from '../entra/managed-identity';
import { signJwt } from '../jwt';
import { rsaPrivateKey } from '../model/world';
import { action } from './action';
import { addPrincipal, federationOf, guid, tenantNamed } from './directory';

/** Where federated credentials have their tokens from: managed identities, and issuers outside Entra. */

export const createManagedIdentity = action(z.strictObject({ tenantId: guid }), (world, { tenantId }) => {
  const tenant = tenantNamed(world, tenantId);
  const identity = addPrincipal(world, tenantId, world.uuid(), true);
  return {
    clientId: identity.appId,
    principalId: identity.objectId,
    identityHeader: identityHeaderOf(world, identity.appId),
    federation: { ...federationOf(tenant, identity), audience: clouds[tenant.cloud].exchangeAudience },
  };
});

/** A token of the identity, as its workload would get it; by default the one that's to be exchanged. */
export const issueIdentityToken = action(
  z.strictObject({ clientId: guid, resource: z.string().optional() }),
  (world, { clientId, resource }) => {
    const identity = [...world.state.principals.values()].find(
      (p) => p.managedIdentity && p.appId === clientId,
    );
    if (identity === undefined) throw new RangeError(`no managed identity ${clientId}`);
    const { cloud } = tenantNamed(world, identity.tenantId);
    return { token: managedIdentityToken(world, identity, resource ?? clouds[cloud].exchangeAudience) };
  },
);

const jwkSchema = z.looseObject({ kty: z.literal('RSA'), kid: z.string(), n: z.string(), e: z.string() });

/** Idempotent. Without `keys` the emulator makes one, and can then issue the issuer's tokens itself. */
export const registerIssuer = action(
  z.strictObject({ issuer: z.url(), keys: z.array(jwkSchema).min(1).optional() }),
  (world, { issuer, keys }) => {
    const known = world.state.issuers.get(issuer);
    if (known !== undefined && keys === undefined) return { issuer, created: false };
    const privateKey = keys === undefined ? rsaPrivateKey(2048) : undefined;
    const pem = (key: ReturnType<typeof createPublicKey>): string =>
      key.export({ type: 'spki', format: 'pem' }).toString();
    world.state.issuers.set(issuer, {
      issuer,
      privateKey,
      keys:
        privateKey === undefined
          ? (keys ?? []).map((jwk) => ({
              kid: jwk.kid,
              publicKey: pem(createPublicKey({ format: 'jwk', key: jwk })),
            }))
          : [
              {
                kid: world.random(8).toString('hex'),
                publicKey: pem(createPublicKey(createPrivateKey(privateKey))),
              },
            ],
    });
    return { issuer, created: known === undefined };
  },
);

export const issueOutsideToken = action(
  z.strictObject({
    issuer: z.string(),
    subject: z.string(),
    audience: z.string().default('api://AzureADTokenExchange'),
    lifetimeSeconds: z.number().default(600),
  }),
  (world, { issuer, subject, audience, lifetimeSeconds }) => {
    const from = world.state.issuers.get(issuer);
    const kid = from?.keys[0]?.kid;
    if (from?.privateKey === undefined || kid === undefined)
      throw new RangeError(`no issuer ${issuer} with a key of its own`);
    const iat = Math.floor(world.clock() / 1000);
    const claims = { iss: issuer, sub: subject, aud: audience, iat, nbf: iat, exp: iat + lifetimeSeconds };
    return { token: signJwt({ kid }, { ...claims, jti: world.uuid() }, from.privateKey) };
  },
);
