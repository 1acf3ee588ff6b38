import type { Item } from './planted';
import type { Random } from './random';

type Line = (random: Random) => string;
const hex = (random: Random, bytes: number): string => random.bytes(bytes).toString('hex');
const base64 = (random: Random, bytes: number): string => random.bytes(bytes).toString('base64');
const base64url = (random: Random, bytes: number): string => random.bytes(bytes).toString('base64url');
const account = (random: Random): string => random.text('0123456789', 12);
const word = (random: Random): string =>
  random.pick([
    'production',
    'staging',
    'workspace',
    'backup',
    'legal-hold',
    'Vertrieb',
    'paie',
    'novantra',
    'globex',
  ]);
const key = (random: Random): string => `arn:aws:kms:eu-central-1:${account(random)}:key/${random.uuid()}`;
const vault = (random: Random): string => `https://${word(random).toLowerCase()}-kv.vault.azure.net`;
const header = (typ: string): string =>
  Buffer.from(JSON.stringify({ alg: 'EdDSA', typ, kid: 'k1' })).toString('base64url');
const jws = (random: Random, typ: string): string =>
  `${header(typ)}.${Buffer.from(JSON.stringify({ org: random.uuid(), jti: random.uuid(), planDigest: hex(random, 32) })).toString('base64url')}.${base64url(random, 64)}`;

/** What belongs into a set-up, its tickets and its mail, and is no key. One line each. */
export const HARMLESS: Readonly<Record<string, readonly Line[]>> = {
  arn: [
    key,
    (r) => `Please use ${key(r)} from now on.`,
    (r) => `arn:aws:kms:us-gov-west-1:${account(r)}:alias/${word(r)}/Workspace-Encryption-2026`,
    (r) => `role arn:aws:iam::${account(r)}:role/teams/security/NovantraWrapRole2026`,
    (r) => `arn:aws:kms:eu-west-1:${account(r)}:key/mrk-${hex(r, 16)}`,
    (r) => `arn:aws:sts::${account(r)}:assumed-role/novantra-wrap/smsk-${r.uuid()}`,
    (r) => `arn:aws:secretsmanager:eu-central-1:${account(r)}:secret:prod/acme-vault-app-a1B2c3`,
  ],
  'vault identifiers': [
    (r) => `${vault(r)}/keys/workspace-${hex(r, 10)}`,
    (r) => `kid: ${vault(r)}/keys/workspace/${hex(r, 16)}`,
    (r) => `The vault answered with ${vault(r)}/keys/smsk-${hex(r, 10)}/${hex(r, 16)} at 09:12.`,
    (r) => `${vault(r)}/secrets/acme-app/${hex(r, 16)}`,
    (r) => `GET ${vault(r)}/keys/workspace/${hex(r, 16)}/wrapkey?api-version=7.4`,
  ],
  'guids and request ids': [
    (r) => r.uuid(),
    (r) => `x-ms-request-id: ${r.uuid()} x-ms-client-request-id: ${r.uuid()}`,
    (r) => `tenant ${r.uuid()}, application (client) id ${r.uuid()}`,
    (r) => `requestId=${r.uuid()} trace 00-${hex(r, 16)}-${hex(r, 8)}-01`,
    (r) => `{"traceId":"${hex(r, 16)}","spanId":"${hex(r, 8)}"}`,
    (r) => `correlation id ${hex(r, 16)}`,
    (r) => `smsk-${hex(r, 20)}`,
    (r) => `external ID  smsk-${hex(r, 20)}`,
  ],
  digests: [
    (r) => `plan digest ${hex(r, 32)}`,
    (r) => `sha256:${hex(r, 32)}`,
    (r) => `SHA-256 of the plan is ${hex(r, 32)}`,
    (r) => `${hex(r, 32)}  evidence-acme.tar.gz`,
    (r) => `{"planDigest":"${hex(r, 32)}","dryRunId":"${r.uuid()}"}`,
    (r) => `ledger root: ${hex(r, 32)} at size ${r.below(900)}`,
    (r) => `commit ${hex(r, 20)}`,
    (r) => `fixed in ${hex(r, 20)} and deployed`,
    (r) => `Prüfsumme (SHA-256): ${hex(r, 32)}`,
    (r) => `empreinte SHA-256 : ${hex(r, 32)}`,
    (r) => `SHA256 Fingerprint=${(hex(r, 32).toUpperCase().match(/../g) ?? []).join(':')}`,
    (r) => `ghcr.io/novantra/smsk@sha256:${hex(r, 32)}`,
    (r) => `"integrity": "sha512-${base64(r, 64)}"`,
    (r) => `MD5 checksum ${hex(r, 16)}`,
    (r) => `The SHA-256 digest you asked for: ${hex(r, 32)}`,
    (r) => `check value ${hex(r, 3)}, envelope ${hex(r, 32)}`,
    (r) => `etag: "${hex(r, 16)}"`,
  ],
  'public keys and signatures': [
    (r) => `thumbprint ${base64url(r, 32)}`,
    (r) => `approver key ID: ${base64url(r, 32)}`,
    (r) => `{"crv":"Ed25519","kty":"OKP","x":"${base64url(r, 32)}"}`,
    (r) => `SHA256:${base64(r, 32).slice(0, 43)} jo@acme (ED25519)`,
    (r) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${base64(r, 32).slice(0, 43)} jo@acme`,
    (r) => jws(r, 'smsk-order+jwt'),
    (r) => `Order for acme: ${jws(r, 'smsk-order+jwt')}`,
    (r) => jws(r, 'smsk-approval+jws'),
    (r) => jws(r, 'smsk-enrolment+jws'),
    (r) => `novantra-prod/${r.uuid()}+${hex(r, 4)}+A${base64(r, 32).slice(0, 43)}`,
    (r) =>
      `novantra-prod/${r.uuid()}\n${r.below(5000)}\n${base64(r, 32)}\n\n— novantra-prod/${r.uuid()} ${base64(r, 68)}\n`,
    (r) =>
      `-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE${base64(r, 33)}\n${base64(r, 48)}\n${base64(r, 21)}\n-----END CERTIFICATE-----`,
    (r) =>
      `-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCgAdFiEE${base64(r, 36)}\n${base64(r, 48)}\n=${base64(r, 3)}\n-----END PGP SIGNATURE-----`,
    (r) => `-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA${base64(r, 32)}\n-----END PUBLIC KEY-----`,
    (r) => `custody {"crv":"Ed25519","kty":"OKP","x":"${base64url(r, 32)}"}`,
  ],
  addresses: [
    (r) => `jo.doe+${word(r)}@acme.example`,
    (r) => `https://wiki.acme.example/runbooks/self-managed-keys/escalation-and-recovery#${word(r)}`,
    (r) =>
      `https://learn.microsoft.com/en-us/azure/key-vault/general/rbac-guide?tabs=azure-cli&id=${r.below(99)}`,
    (r) => `https://docs.google.com/document/d/1${r.text('abcdefghijkABCDEFGHIJK0123456789_-', 43)}/edit`,
    (r) => `https://github.com/novantra/smsk/commit/${hex(r, 20)}`,
    (r) => `https://www.notion.so/acme/Key-ceremony-${hex(r, 16)}`,
    (r) => `Message-ID: <CA+${base64url(r, 24)}=${base64url(r, 9)}@mail.gmail.com>`,
    (r) =>
      `https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwiki.acme.example%2Fkeys&data=05%7C02%7Cjo%40acme.example%7C${hex(r, 16)}%7C${hex(r, 16)}%7C0%7C0%7C638${r.text('0123456789', 15)}%7CUnknown%7CTWFpbGZsb3d8eyJWIjoiMC4wLjAwMDAi%7C0%7C%7C%7C&sdata=${encodeURIComponent(base64(r, 32))}&reserved=0`,
    (r) => `https://us02web.zoom.us/j/8${r.text('0123456789', 10)}`,
    (r) => `2001:0db8:85a3:${hex(r, 2)}:${hex(r, 2)}:8a2e:0370:${hex(r, 2)}`,
    (r) => `MAC ${(hex(r, 6).match(/../g) ?? []).join(':')}, host ip-10-0-${r.below(200)}-${r.below(200)}`,
  ],
  numbers: [
    (r) => `IBAN DE${r.text('0123456789', 20)}`,
    (r) =>
      `IBAN GB82 WEST ${r.text('0123456789', 4)} ${r.text('0123456789', 4)} ${r.text('0123456789', 4)} 32`,
    (r) => `Ticket INC${r.text('0123456789', 7)}, change CHG${r.text('0123456789', 7)}`,
    (r) =>
      `+49 30 ${r.text('0123456789', 7)}, +1 (555) ${r.text('0123456789', 3)}-${r.text('0123456789', 4)}`,
    (r) => `accounts ${Array.from({ length: 9 }, () => account(r)).join(', ')}`,
    (r) => `latencies in ms: ${Array.from({ length: 16 }, () => 3 + r.below(90)).join(', ')}`,
    () => `versions ${Array.from({ length: 24 }, (_, at) => at + 1).join(', ')}`,
    (r) => `VAT DE${r.text('0123456789', 9)}, order SO-${r.below(9999)}/2026`,
    (r) =>
      `Rechnung ${r.text('0123456789', 4)}-${r.text('0123456789', 6)}, Kunde ${r.text('0123456789', 10)}`,
  ],
  prose: [
    (r) => `Reviewed with Jo Doe on the phone, ticket ${r.below(99999)}-ABC, all fine for ${word(r)}.`,
    (r) => `Bitte den Schlüssel für ${word(r)} nicht per Mail schicken, sondern nur die Schlüsselkennung.`,
    (r) => `Merci de nous envoyer l’identifiant de la clé (pas la clé elle-même) pour ${word(r)}.`,
    (r) => `Never send us anything that begins with -----BEGIN PRIVATE KEY-----, ${word(r)} or not.`,
    (r) => `The password is in the safe, ask the ${word(r)} team. Passwort: siehe Tresor.`,
    (r) => `client secret: ask Sam; the app is called acme-${word(r)}-connector.`,
    (r) => `aws_secret_access_key=<your secret access key here> for ${word(r)}`,
    (r) => `example: AKIAIOSFODNN7EXAMPLE / wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY (${word(r)})`,
    (r) => `postgres://smsk_app:<password>@db.${word(r).toLowerCase()}.example:5432/smsk`,
    (r) => `Set DATABASE_URL=postgres://app:\${DB_PASSWORD}@${word(r).toLowerCase()}:5432/app before start.`,
    (r) => `TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 at ${word(r)}`,
    (r) => `KeyVaultCryptoServiceEncryptionUser on ${word(r)}; WrapKeyUnwrapKeyOperationsAllowed=true`,
    (r) => `Authorization: Bearer <token>; the bearer of this letter, ${word(r)}, may enter.`,
    (r) => `SecretProviderClass azure-keyvault-${word(r)} keyName: WorkspaceKey2026EuCentral1Primary`,
    (r) => `/opt/novantra/Config/KeyVault2026/${word(r)}/Approvals/Ed25519/README.md is out of date`,
    (r) =>
      `Die Umstellung von ${word(r)} ist für Dienstag, 14.07.2026, 09:30 Uhr geplant; Rückfragen an Frau Dr. Öztürk.`,
    (r) => `Le plan expire le 14 juillet 2026 ; l’approbation de ${word(r)} manque encore.`,
    (r) => `kms:Encrypt and kms:Decrypt only; EncryptionContext smsk:org=${r.uuid()}`,
    (r) => `CERT_EXPIRED after AADSTS700027 (${r.uuid()}), timestamp 2026-05-04 09:12:44Z`,
  ],
};

/** @param each how often each line, with other values */
export function harmlessOf(random: Random, each: number): Item[] {
  return Object.entries(HARMLESS).flatMap(([kind, lines]) =>
    lines.flatMap((line) =>
      Array.from({ length: each }, (): Item => ({ label: 'harmless', kind, text: line(random) })),
    ),
  );
}
