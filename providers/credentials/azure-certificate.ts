import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';

/** The longest PEM that's read: a key and a chain of a few certificates. */
const PEM_MOST = 65_536;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY =
  /-----BEGIN (?:RSA )?PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END (?:RSA )?PRIVATE KEY-----/g;
/** An assertion is sent at once; Entra allows five minutes of skew on top. */
const ASSERTION_SECONDS = 300;

/** An app registration's certificate, with its private key. */
export interface AzureCertificate {
  /** `notAfter`, milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /**
   * A client assertion (RFC 7523 §2.2) as Entra wants it: PS256, the certificate named by its SHA-256.
   * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
   * @param tokenUrl its audience
   * @param nowMs milliseconds since the epoch
   */
  assertion(clientId: string, tokenUrl: string, nowMs: number): Promise<string>;
}

/**
 * Reads an unencrypted PEM with one RSA private key (PKCS#8 or PKCS#1) and its certificate, in any order; further
 * certificates of a chain are left alone.
 * @throws Error that holds nothing of what was read.
 */
export function azureCertificate(pem: string): AzureCertificate {
  const { certificate, key } = partsOf(pem);
  const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  return {
    expiresAtMs: Date.parse(certificate.validTo),
    assertion: (clientId, tokenUrl, nowMs) => {
      const now = Math.floor(nowMs / 1000);
      return new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(tokenUrl)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + ASSERTION_SECONDS)
        .sign(key);
    },
  };
}

function partsOf(pem: string): { certificate: X509Certificate; key: KeyObject } {
  const keys = pem.length > PEM_MOST ? [] : (pem.match(PRIVATE_KEY) ?? []);
  const [only] = keys;
  if (only === undefined || keys.length > 1) {
    throw new Error('a certificate’s file must hold exactly one unencrypted private key, in PEM');
  }
  const key = read(() => createPrivateKey(only));
  if (key?.asymmetricKeyType !== 'rsa') throw new Error('the private key of an app must be an RSA key');
  const certificate = (pem.match(CERTIFICATE) ?? [])
    .map((text) => read(() => new X509Certificate(text)))
    .find((one) => one?.checkPrivateKey(key) === true);
  if (certificate === undefined) throw new Error('no certificate in the file belongs to its private key');
  return { certificate, key };
}

function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
