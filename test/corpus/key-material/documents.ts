import type { Item } from './planted';
import type { Random } from './random';

type Document = (random: Random) => string;
const hex = (random: Random, bytes: number): string => random.bytes(bytes).toString('hex');
const base64 = (random: Random, bytes: number): string => random.bytes(bytes).toString('base64');

/** A CloudTrail record as `lookup-events` and the console give it. */
const trailRecord: Document = (random) =>
  JSON.stringify(
    {
      eventVersion: '1.11',
      userIdentity: {
        type: 'AssumedRole',
        principalId: `AROA${random.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 17)}:smsk-worker`,
        arn: 'arn:aws:sts::111122223333:assumed-role/novantra-wrap/smsk-worker',
        accountId: '111122223333',
        accessKeyId: `ASIA${random.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
        sessionContext: { attributes: { creationDate: '2026-05-04T09:12:44Z', mfaAuthenticated: 'false' } },
      },
      eventTime: '2026-05-04T09:12:45Z',
      eventSource: 'kms.amazonaws.com',
      eventName: 'Decrypt',
      awsRegion: 'eu-central-1',
      sourceIPAddress: '203.0.113.7',
      userAgent: 'aws-sdk-js/3.1164.0 ua/2.1 os/linux#6.8 lang/js md/nodejs#20.19.2 api/kms#3.1164.0 m/N,E,n',
      requestParameters: {
        encryptionContext: {
          'smsk:org': random.uuid(),
          'smsk:key-version': '2',
          'smsk:purpose': 'workspace-key',
        },
        encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        keyId: `arn:aws:kms:eu-central-1:111122223333:key/${random.uuid()}`,
      },
      responseElements: null,
      additionalEventData: { keyMaterialId: hex(random, 32) },
      requestID: random.uuid(),
      eventID: random.uuid(),
      readOnly: true,
      resources: [
        {
          accountId: '111122223333',
          type: 'AWS::KMS::Key',
          ARN: `arn:aws:kms:eu-central-1:111122223333:key/${random.uuid()}`,
        },
      ],
      eventType: 'AwsApiCall',
      managementEvent: true,
      tlsDetails: {
        tlsVersion: 'TLSv1.3',
        cipherSuite: 'TLS_AES_128_GCM_SHA256',
        clientProvidedHostHeader: 'kms.eu-central-1.amazonaws.com',
      },
    },
    null,
    2,
  );

/** A row of a vault's diagnostic log. */
const auditEvent: Document = (random) => {
  const version = hex(random, 16);
  return JSON.stringify({
    time: '2026-05-04T09:12:45.1234567Z',
    category: 'AuditEvent',
    operationName: random.pick(['KeyUnwrap', 'KeyWrap']),
    resultType: 'Success',
    correlationId: random.uuid(),
    callerIpAddress: '203.0.113.7',
    identity: {
      claim: {
        'http://schemas.microsoft.com/identity/claims/objectidentifier': random.uuid(),
        appid: random.uuid(),
        xms_az_nwperimid: [],
      },
    },
    properties: {
      id: `https://globex-kv.vault.azure.net/keys/smsk-${hex(random, 10)}/${version}`,
      clientInfo: 'azsdk-js-keyvault-keys/4.10.2 core-rest-pipeline/1.24.0 Node/20.19.2 OS/(x64-Linux-6.8)',
      requestUri: `https://globex-kv.vault.azure.net/keys/smsk/${version}/unwrapkey?api-version=7.6`,
      httpStatusCode: 200,
      keyProperties: { type: 'RSA', size: 3072, curve: '' },
      tlsVersion: 'TLS1_3',
    },
    resourceId: `/SUBSCRIPTIONS/${random.uuid().toUpperCase()}/RESOURCEGROUPS/KEYS/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/GLOBEX-KV`,
    tenantId: random.uuid(),
  });
};

const ticket: Document = (random) =>
  [
    `Ticket #${random.below(90_000)}: Self Managed Secret Keys for acme`,
    'Status: waiting for customer     Priority: P3     Queue: Key desk',
    '',
    `2026-05-04 09:12  Sam (support): order SO-${random.below(999)} is on record, ledger entry ${random.below(40)}.`,
    `   organization ${random.uuid()}, external ID smsk-${hex(random, 20)}`,
    '2026-05-04 10:40  Jo (acme): the key is',
    `   arn:aws:kms:eu-central-1:111122223333:key/${random.uuid()}`,
    '   role arn:aws:iam::111122223333:role/novantra-wrap, both in eu-central-1',
    `2026-05-04 11:02  Sam: verification failed with TRUST_POLICY_OPEN, request id ${random.uuid()}.`,
    '2026-05-04 11:30  Jo: policy mended, please run it again.',
    `2026-05-04 11:31  Sam: clean. Dry-run launched; plan digest ${hex(random, 32)}`,
    `2026-05-05 08:15  Jo: approved with key ${random.bytes(32).toString('base64url')} (thumbprint as enrolled)`.replace(
      'approved with key',
      'approved; thumbprint',
    ),
    'Attachments: screenshot-1.png (84 kB), evidence-acme.tar.gz (1.2 MB)',
  ].join('\n');

const mail: Document = (random) =>
  [
    random.pick(['Hallo zusammen,', 'Dear Novantra team,', 'Bonjour à tous,']),
    '',
    random.pick([
      'wie besprochen haben wir den Schlüssel in Frankfurt angelegt und die Rolle nach Ihrer Vorlage erstellt. Bitte prüfen Sie die Verbindung.',
      'as agreed we created the key in Frankfurt and the role from your template. Could you run the verification again?',
      'comme convenu, la clé est créée à Francfort et le rôle suit votre modèle. Merci de relancer la vérification.',
    ]),
    '',
    `Key:   arn:aws:kms:eu-central-1:111122223333:alias/acme/workspace-${random.below(99)}`,
    `Vault: https://acme-kv.vault.azure.net/keys/workspace-${hex(random, 4)}`,
    '',
    'Kind regards / Mit freundlichen Grüßen',
    'Jo Doe',
    'Head of Platform Security · acme GmbH · Sitz: Berlin · HRB 123456 B · USt-IdNr. DE123456789',
    'T +49 30 1234567 · M +49 171 1234567 · jo.doe@acme.example · https://www.acme.example',
    'IBAN DE89 3704 0044 0532 0130 00 · BIC COBADEFFXXX',
    'PGP 4AEE 18F8 3AFD EB23 1C2F  7D0A 9B1C 5E7F 3A2D 8C41',
    'This e-mail may contain confidential information. If you are not the intended recipient, delete it.',
    `> On Mon, 4 May 2026 at 09:12, Sam wrote: your external ID is smsk-${hex(random, 20)}`,
  ].join('\n');

const log: Document = (random) =>
  Array.from({ length: 12 }, (_, at) =>
    random.pick([
      () =>
        `{"level":30,"time":1777885${at}123,"event":"api.request","reference":"${random.uuid()}","route":"/v1/organizations/:org/status","status":200,"code":"OK","durationMs":${random.below(90)}}`,
      () =>
        `2026-05-04T09:12:4${at % 10}Z INFO provider.call requestId=${random.uuid()} keyRef=arn:aws:kms:eu-central-1:111122223333:key/${random.uuid()} operations=${random.below(40)}`,
      () =>
        `2026-05-04T09:12:4${at % 10}Z INFO wrapped ciphertextSha256=${hex(random, 32)} kid=https://globex-kv.vault.azure.net/keys/smsk/${hex(random, 16)}`,
      () =>
        `10.0.3.7 - - [04/May/2026:09:12:45 +0000] "GET /v1/organizations/acme/operations/${random.uuid()} HTTP/1.1" 200 512 "-" "smsk/0.1.0"`,
      () => `traceparent: 00-${hex(random, 16)}-${hex(random, 8)}-01`,
    ])(),
  ).join('\n');

const azureAnswer: Document = (random) =>
  JSON.stringify(
    {
      attributes: {
        created: '2026-05-04T09:12:45+00:00',
        enabled: true,
        recoveryLevel: 'Recoverable+Purgeable',
        hsmPlatform: '2',
      },
      key: {
        e: 'AQAB',
        keyOps: ['wrapKey', 'unwrapKey'],
        kid: `https://globex-kv.vault.azure.net/keys/smsk-${hex(random, 10)}/${hex(random, 16)}`,
        kty: 'RSA',
        n: base64(random, 384),
      },
      tags: null,
    },
    null,
    2,
  );

const shell: Document = (random) =>
  [
    '$ git log --oneline -4',
    `${hex(random, 20)} providers: who calls a vault, as a type`,
    `${hex(random, 4).slice(0, 7)} intake: a private JWK is recognized`,
    '$ sha256sum evidence/*',
    `${hex(random, 32)}  evidence/entries.jsonl`,
    `${hex(random, 32)}  evidence/checkpoint`,
    '$ aws kms describe-key --key-id alias/acme --query KeyMetadata.Arn',
    `"arn:aws:kms:eu-central-1:111122223333:key/${random.uuid()}"`,
    '$ az keyvault key show --vault-name globex-kv --name smsk --query key.kid',
    `"https://globex-kv.vault.azure.net/keys/smsk/${hex(random, 16)}"`,
    '$ docker images --digests',
    `novantra/smsk  0.1.0  sha256:${hex(random, 32)}  ${hex(random, 6)}`,
  ].join('\n');

const certificate: Document = (random) =>
  [
    'Certificate:',
    '    Data:',
    '        Version: 3 (0x2)',
    '        Serial Number:',
    `            ${(hex(random, 16).match(/../g) ?? []).join(':')}`,
    '        Subject: C = DE, O = acme GmbH, CN = acme-smsk-client',
    '            Public Key Algorithm: rsaEncryption',
    '                Modulus:',
    ...Array.from(
      { length: 4 },
      () => `                    ${(hex(random, 15).match(/../g) ?? []).join(':')}:`,
    ),
    '                Exponent: 65537 (0x10001)',
    '            X509v3 Subject Key Identifier:',
    `                ${(hex(random, 20).toUpperCase().match(/../g) ?? []).join(':')}`,
    `SHA256 Fingerprint=${(hex(random, 32).toUpperCase().match(/../g) ?? []).join(':')}`,
  ].join('\n');

/** Whole documents of a set-up, as they're pasted into tickets. */
export const DOCUMENTS: Readonly<Record<string, Document>> = {
  'CloudTrail record': trailRecord,
  'AuditEvent row': auditEvent,
  ticket,
  mail,
  log,
  'az output': azureAnswer,
  shell,
  certificate,
};

export function documentsOf(random: Random, each: number): Item[] {
  return Object.entries(DOCUMENTS).flatMap(([kind, document]) =>
    Array.from({ length: each }, (): Item => ({ label: 'harmless', kind, text: document(random) })),
  );
}
