import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { issueCertificate } from '../../emulators/azure/tls/certificate';

/** A server's certificate for these names, and the authority (PEM) that it is from. */
export function certificateFor(...dnsNames: string[]): { ca: string; cert: string; key: string } {
  const dates = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 11, 31) };
  const [ca, key] = [ellipticKey(), ellipticKey()];
  const commonName = 'authority of a test';
  const issuer = { commonName, privateKey: createPrivateKey(ca) };
  const authority = { ...dates, commonName, publicKey: createPublicKey(ca), authority: true as const };
  const server = { ...dates, commonName: 'server of a test', publicKey: createPublicKey(key), dnsNames };
  return {
    ca: issueCertificate(authority, issuer, randomBytes(8)),
    cert: issueCertificate({ ...server, ipv4: ['127.0.0.1'] }, issuer, randomBytes(8)),
    key,
  };
}

const ellipticKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
