import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Random } from '../../keeping/ids';
import { clouds } from '../clouds';
import { issueCertificate } from './certificate';

/** The emulator's own certificate authority and server certificate, made once and kept with its state. PEM. */
export interface TlsMaterial {
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** Wide, because TLS clients judge by their own clock, whatever the emulator's says. */
const notBefore = Date.UTC(2020, 0, 1);
const notAfter = Date.UTC(2049, 11, 31);

/** Covers the sign-in and vault hosts of every cloud. The authority's key is thrown away: it signs this one only. */
export function makeTlsMaterial(random: Random): TlsMaterial {
  const commonName = 'Azure emulator (made at start-up, trusted by nobody)';
  const ca = ellipticKey();
  const issuer = { commonName, privateKey: createPrivateKey(ca) };
  const server = ellipticKey();
  const common = { notBefore, notAfter };
  return {
    ca: issueCertificate(
      { ...common, commonName, publicKey: createPublicKey(ca), authority: true },
      issuer,
      random(8),
    ),
    certificate: issueCertificate(
      {
        ...common,
        commonName: 'azure.emulator',
        publicKey: createPublicKey(server),
        dnsNames: [
          'localhost',
          issuersHost,
          ...Object.values(clouds).flatMap((c) => [...c.loginHosts, `*.${c.vaultSuffix}`]),
        ],
        ipv4: ['127.0.0.1'],
      },
      issuer,
      random(8),
    ),
    privateKey: server,
  };
}

/** Where the OpenID configuration of emulated issuers can be read; `.invalid` resolves nowhere else (RFC 2606). */
export const issuersHost = 'issuers.azure-emulator.invalid';

function ellipticKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}
