import { createPublicKey, type KeyObject } from 'node:crypto';
import { cloudOfLoginHost } from '../clouds';
import { type ParsedJwt, signatureHolds, textClaim } from '../jwt';
import type { App } from '../model/state';
import type { World } from '../model/world';
import { requireTimes } from './certificate-assertion';
import { tokenPublicKey } from './issued-token';
import { EntraError } from './refusal';

/**
 * A token of another issuer in place of a client's own proof:
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 * Issuer, subject and audience are compared to the letter, case included.
 * @throws EntraError
 */
export function requireFederatedAssertion(world: World, jwt: ParsedJwt, app: App): void {
  const issuer = textClaim(jwt.claims, 'iss') ?? '';
  const subject = textClaim(jwt.claims, 'sub') ?? '';
  const audience = textClaim(jwt.claims, 'aud') ?? '';
  const byIssuer = [...app.federated.values()].filter((f) => f.issuer === issuer);
  if (byIssuer.length === 0) throw unmatched(700211, 'issuer', issuer);
  const bySubject = byIssuer.filter((f) => f.subject === subject);
  if (bySubject.length === 0) throw unmatched(700213, 'subject', subject);
  if (!bySubject.some((f) => f.audience === audience)) throw unmatched(700212, 'audience', audience);
  requireTimes(jwt, world.clock());
  const key = issuerKey(world, app, issuer, textClaim(jwt.header, 'kid') ?? '');
  if (key === undefined || !signatureHolds(jwt, key)) {
    throw new EntraError(
      'invalid_client',
      50013,
      `Assertion failed signature validation. [Reason - ${key === undefined ? 'The key was not found.' : 'The provided signature value did not match the expected signature value.'}]`,
      401,
    );
  }
}

function issuerKey(world: World, app: App, issuer: string, kid: string): KeyObject | undefined {
  const tenantId = entraTenantOf(issuer);
  if (tenantId !== undefined) {
    // A managed identity can't cross tenants: it federates with apps of its own tenant only.
    if (tenantId !== app.tenantId) {
      throw new EntraError(
        'unauthorized_client',
        700236,
        `Entra ID tokens issued by issuer '${issuer}' may not be used for federated identity credential flows for applications or managed identities registered in this tenant.`,
      );
    }
    return kid === world.state.tokenKey.kid ? tokenPublicKey(world) : undefined;
  }
  const found = world.state.issuers.get(issuer)?.keys.find((k) => k.kid === kid);
  return found === undefined ? undefined : createPublicKey(found.publicKey);
}

function entraTenantOf(issuer: string): string | undefined {
  const [, host, tenant] = /^https:\/\/([^/]+)\/([^/]+)\/v2\.0$/.exec(issuer) ?? [];
  return host !== undefined && cloudOfLoginHost(host) !== undefined ? tenant : undefined;
}

function unmatched(number: number, claim: string, value: string): EntraError {
  return new EntraError(
    'invalid_client',
    number,
    `No matching federated identity record found for presented assertion ${claim} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
    401,
  );
}
