import { X509Certificate } from 'node:crypto';
import { loginHostOf } from '../clouds';
import { numberClaim, type ParsedJwt, signatureHolds, textClaim } from '../jwt';
import type { App, AppCertificate, Tenant } from '../model/state';
import { EntraError } from './refusal';

/**
 * A client assertion signed with one of the app's certificates:
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 * @throws EntraError
 */
export function requireCertificateAssertion(jwt: ParsedJwt, app: App, tenant: Tenant, nowMs: number): void {
  const { claims } = jwt;
  if (textClaim(claims, 'sub') !== app.appId || textClaim(claims, 'iss') !== app.appId) {
    throw new EntraError(
      'invalid_client',
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter.",
      401,
    );
  }
  requireAudience(jwt, tenant);
  requireTimes(jwt, nowMs);
  if ((textClaim(claims, 'jti') ?? '') === '')
    throw new EntraError(
      'invalid_request',
      50027,
      "JWT token is invalid or malformed. Claim 'jti' is missing.",
    );
  const thumbprint = thumbprintOf(jwt);
  const certificate =
    thumbprint === undefined
      ? undefined
      : [...app.certificates.values()].find((c) => c.sha1 === thumbprint || c.sha256 === thumbprint);
  if (certificate === undefined) {
    throw new EntraError(
      'invalid_client',
      700027,
      `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${thumbprint ?? ''}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${app.appId}'.]`,
      401,
    );
  }
  if (nowMs >= certificate.notAfter || nowMs < certificate.notBefore)
    throw invalid(certificate, 'The key used is expired.');
  if (!signatureHolds(jwt, new X509Certificate(certificate.pem).publicKey))
    throw invalid(certificate, 'The key was found, but the signature does not match.');
}

function requireAudience(jwt: ParsedJwt, tenant: Tenant): void {
  const host = loginHostOf(tenant.cloud);
  const accepted = [tenant.id, tenant.name].flatMap((t) => [
    `https://${host}/${t}/oauth2/v2.0/token`,
    `https://${host}/${t}/oauth2/token`,
    `https://${host}/${t}/v2.0`,
    `https://${host}/${t}/`,
  ]);
  const audience = textClaim(jwt.claims, 'aud') ?? '';
  if (!accepted.includes(audience)) {
    throw new EntraError(
      'invalid_client',
      700023,
      'Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.',
      401,
    );
  }
}

/** Both kinds of assertion must be valid at this instant; five minutes of skew are allowed before `nbf`. */
export function requireTimes({ claims }: ParsedJwt, nowMs: number): void {
  const [from, to] = [numberClaim(claims, 'nbf') ?? 0, numberClaim(claims, 'exp') ?? 0];
  const now = nowMs / 1000;
  if (now < to && now >= from - 300) return;
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('Z', '0000Z');
  throw new EntraError(
    'invalid_client',
    700024,
    `Client assertion is not within its valid time range. Current time: ${iso(now)}, assertion valid from ${iso(from)}, expiry time of assertion ${iso(to)}. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .`,
    401,
  );
}

/** `x5t` is SHA-1 and `x5t#S256` SHA-256 in base64url; `kid` is the SHA-1 in hex. */
function thumbprintOf({ header }: ParsedJwt): string | undefined {
  const given = textClaim(header, 'x5t#S256') ?? textClaim(header, 'x5t');
  if (given !== undefined) return Buffer.from(given, 'base64url').toString('hex').toUpperCase();
  return textClaim(header, 'kid')?.toUpperCase();
}

function invalid(certificate: AppCertificate, reason: string): EntraError {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return new EntraError(
    'invalid_client',
    700027,
    `Client assertion contains an invalid signature. [Reason - ${reason}, Thumbprint of key used by client: '${certificate.sha1}', Found key 'Start=${iso(certificate.notBefore)}, End=${iso(certificate.notAfter)}']`,
    401,
  );
}
