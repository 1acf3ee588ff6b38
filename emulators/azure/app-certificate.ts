import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { rsaPrivateKey } from './model/world';
import { issueCertificate } from './tls/certificate';

/**
 * A self-signed certificate and its RSA key, as whoever runs an app would make it (`openssl req -x509`).
 * @returns PEM; `pem` is both in one, as `ClientCertificateCredential` takes it
 */
export function makeAppCertificate(wanted: { commonName: string; notBefore: number; notAfter: number }): {
  certificate: string;
  privateKey: string;
  pem: string;
} {
  const privateKey = rsaPrivateKey(2048);
  const key = createPrivateKey(privateKey);
  const certificate = issueCertificate(
    { ...wanted, publicKey: createPublicKey(key) },
    { commonName: wanted.commonName, privateKey: key },
    randomBytes(8),
  );
  return { certificate, privateKey, pem: `${privateKey}${certificate}` };
}
