import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from './der';

/** What a certificate says. Times are epoch milliseconds. */
export interface Wanted {
  readonly commonName: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  /** Names a TLS server answers to; `*.example` covers one label. */
  readonly dnsNames?: readonly string[];
  readonly ipv4?: readonly string[];
  readonly authority?: boolean;
}

export interface Issuer {
  readonly commonName: string;
  /** EC P-256 or RSA. */
  readonly privateKey: KeyObject;
}

/**
 * An X.509 version 3 certificate (RFC 5280) as PEM, signed with SHA-256. Node has no writer of its own, and this is
 * little enough that nobody needs `openssl` on the machine.
 */
export function issueCertificate(wanted: Wanted, issuer: Issuer, serial: Buffer): string {
  const algorithm =
    issuer.privateKey.asymmetricKeyType === 'rsa'
      ? sequence(oid('1.2.840.113549.1.1.11'), Buffer.from([0x05, 0x00]))
      : sequence(oid('1.2.840.10045.4.3.2'));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), serial])),
    algorithm,
    name(issuer.commonName),
    sequence(time(wanted.notBefore), time(wanted.notAfter)),
    name(wanted.commonName),
    spki(wanted.publicKey),
    explicit(3, sequence(...extensions(wanted, createPublicKey(issuer.privateKey)))),
  );
  const whole = sequence(body, algorithm, bits(sign('sha256', body, issuer.privateKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions(wanted: Wanted, issuerKey: KeyObject): Buffer[] {
  const list = [
    extension('2.5.29.14', octets(keyId(wanted.publicKey))),
    extension('2.5.29.35', sequence(implicit(0, keyId(issuerKey)))),
  ];
  if (wanted.authority === true) {
    list.push(extension('2.5.29.19', sequence(boolean(true)), true));
    // keyCertSign and cRLSign
    list.push(extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true));
  } else {
    list.push(extension('2.5.29.19', sequence(), true));
    list.push(extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true));
  }
  const names = [
    ...(wanted.dnsNames ?? []).map((dns) => implicit(2, Buffer.from(dns))),
    ...(wanted.ipv4 ?? []).map((ip) => implicit(7, Buffer.from(ip.split('.').map(Number)))),
  ];
  if (names.length > 0) {
    list.push(extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))));
    list.push(extension('2.5.29.17', sequence(...names)));
  }
  return list;
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha256').update(spki(key)).digest().subarray(0, 20);
}
