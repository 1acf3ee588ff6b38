import { AZURE_KEYS } from './azure-keys';

/** Which field of a connection an entry is typed into. */
export type Field =
  | 'azure key'
  | 'azure tenant'
  | 'azure client'
  | 'aws key'
  | 'aws region'
  | 'aws role'
  | 'reference';

/**
 * What somebody might type so that we connect to a place of theirs, or to one inside. `INSIDE` stands for a real
 * listener of the test, `127.0.0.1:PORT`; `PORT` for its port.
 */
export interface Hostile {
  readonly field: Field;
  readonly label: string;
  readonly text: string;
  /** It looks hostile and is well formed: it can't become part of an address, and must not. */
  readonly isWellFormed?: true;
}

const VAULT = 'acme-keys.vault.azure.net';
const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-2222-3333-444455556666';
const ROLE = 'arn:aws:iam::111122223333:role/novantra-wrap';
const TENANT = '5b1c9f0e-3a77-4d55-8c1e-9d0f6a2b4c3d';

const TENANTS: Readonly<Record<string, readonly string[]>> = {
  'a tenant that is anybody': ['common', 'organizations', 'consumers', 'adfs'],
  'a domain': ['contoso.onmicrosoft.com', 'evil.example', 'INSIDE'],
  'another path': [
    '../x',
    `${TENANT}/../common`,
    `${TENANT}/oauth2/v2.0/authorize?`,
    `${TENANT}?x=`,
    `${TENANT}#`,
    `${TENANT}%2f..%2fcommon`,
    '%2e%2e',
    '..\\common',
    `/${TENANT}`,
    `//evil.example/${TENANT}`,
    `@evil.example/${TENANT}`,
    `:PORT/${TENANT}`,
    `.evil.example/${TENANT}`,
    `\\\\evil.example\\${TENANT}`,
  ],
  'white space, NUL and line breaks': [
    `${TENANT}\n`,
    ` ${TENANT}`,
    `${TENANT}\0`,
    `${TENANT}\r\nHost: evil.example`,
    `${TENANT}\t`,
  ],
  'another spelling': [
    TENANT.toUpperCase(),
    `{${TENANT}}`,
    TENANT.replaceAll('-', ''),
    `urn:uuid:${TENANT}`,
    '５b1c9f0e-3a77-4d55-8c1e-9d0f6a2b4c3d',
    TENANT.replace('-', '‐'),
    `${TENANT}0`,
    '',
  ],
  'very long': [TENANT.repeat(3_000)],
};

const REGIONS: Readonly<Record<string, readonly string[]>> = {
  'another host': [
    'evil.example/',
    'evil.example#',
    'evil.example?',
    'x@evil.example/',
    'eu-west-1.evil.example',
    'eu-west-1.amazonaws.com.evil.example/',
    '@INSIDE/',
    'INSIDE/#',
    '@169.254.169.254/',
    'eu-west-1@evil.example:443/',
    'x.127.0.0.1.nip.io:PORT/',
    '127.0.0.1:PORT#',
    '\\evil.example\\',
    '[::1]:PORT/',
  ],
  'not on the list': [
    'nowhere-1',
    'eu-west-99',
    'us-iso-east-1',
    'aws-global',
    'global',
    'fips-us-east-1',
    'us-east-1-fips',
    'localhost',
    '*',
    '',
  ],
  'another spelling': [
    'EU-CENTRAL-1',
    ' eu-west-1',
    'eu-west-1 ',
    'eu-west-1\n',
    'eu-west-1.',
    'eu‐central‐1',
    'eu-centraⅼ-1',
    'eu%2dcentral-1',
    'eu_central_1',
    'eu-west-1\0',
    'eu-west-1\r\nHost: evil.example',
  ],
  'a property of every object': ['constructor', '__proto__', 'toString', 'length', '0'],
  'very long': ['eu-west-1'.repeat(10_000)],
};

const AWS_KEYS: Readonly<Record<string, readonly string[]>> = {
  'a URL': [
    'https://evil.example/',
    'http://169.254.169.254/latest/meta-data/',
    'https://INSIDE/',
    '//evil.example',
    'file:///etc/passwd',
  ],
  'not a full ARN': [
    'alias/x',
    '0a1b2c3d-1111-2222-3333-444455556666',
    'arn:aws:kms:::key/x',
    'arn:aws:kms',
    '',
  ],
  'another service or resource': [
    'arn:aws:s3:::evil',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x',
    'arn:aws:kms:eu-west-1:111122223333:grant/x',
    'arn:evil:kms:eu-west-1:111122223333:alias/x',
    'arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef',
  ],
  'a region that is a host': [
    'arn:aws:kms:evil.example:111122223333:alias/x',
    'arn:aws:kms:eu-west-1@evil.example:111122223333:alias/x',
    'arn:aws:kms:INSIDE/:111122223333:alias/x',
    'arn:aws:kms:eu-west-1/../x:111122223333:alias/x',
  ],
  'white space, NUL, line breaks and look-alikes': [
    `${ARN}\n`,
    ` ${ARN}`,
    `${ARN}\0`,
    `${ARN}\r\nHost: evil.example`,
    ARN.replace('kms', 'kｍs'),
    ARN.replace('-', '‐'),
    ARN.toUpperCase(),
  ],
  traversal: [
    `${ARN}/../x`,
    'arn:aws:kms:eu-west-1:111122223333:alias/x?y',
    'arn:aws:kms:eu-west-1:111122223333:alias/x#y',
    'arn:aws:kms:eu-west-1:111122223333:alias/%2e%2e',
    'arn:aws:kms:eu-west-1:111122223333:alias/x@evil.example',
    'arn:aws:kms:eu-west-1:111122223333:alias/../x',
  ],
  'very long': [`arn:aws:kms:eu-west-1:111122223333:alias/${'a'.repeat(100_000)}`],
};

const ROLES: Readonly<Record<string, readonly string[]>> = {
  'a URL': [
    'https://evil.example/',
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'https://INSIDE/',
  ],
  'not a role': [
    'arn:aws:iam::111122223333:user/x',
    'arn:aws:sts::111122223333:assumed-role/x/y',
    'arn:aws:iam::111122223333:root',
    'arn:evil:iam::111122223333:role/x',
    'arn:aws:iam:eu-west-1:111122223333:role/x',
    '',
  ],
  'white space, NUL and line breaks': [
    `${ROLE}\n`,
    ` ${ROLE}`,
    `${ROLE}\0`,
    `${ROLE}\r\nHost: evil.example`,
    `${ROLE}\t`,
  ],
  'another parameter': [
    `${ROLE}&Action=GetSessionToken`,
    `${ROLE}?Action=x`,
    `${ROLE}#`,
    `${ROLE}%26Action=x`,
    `${ROLE}\\evil.example`,
  ],
  'very long': [`arn:aws:iam::111122223333:role/${'a/'.repeat(50_000)}x`],
};

const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  'not a GUID': [
    'https://evil.example/',
    'INSIDE',
    '',
    '*',
    'common',
    `${TENANT}&client_secret=x`,
    `${TENANT}\r\nHost: evil.example`,
    TENANT.toUpperCase(),
  ],
};

const REFERENCES: Readonly<Record<string, readonly string[]>> = {
  'a place instead of a name': [
    'https://evil.example/',
    '../../etc/passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x',
    `https://${VAULT}/secrets/x`,
    'a/b',
    'a.b',
    'a\0',
    'a\n',
    '..',
    'A',
    '',
    'a'.repeat(100_000),
  ],
};

const all = (field: Field, by: Readonly<Record<string, readonly string[]>>): readonly Hostile[] =>
  Object.entries(by).flatMap(([label, texts]) => texts.map((text) => ({ field, label, text })));

export const HOSTILE: readonly Hostile[] = [
  ...all('azure key', AZURE_KEYS),
  ...all('azure tenant', TENANTS),
  ...all('azure client', CLIENTS),
  ...all('aws region', REGIONS),
  ...all('aws key', AWS_KEYS),
  ...all('aws role', ROLES),
  ...all('reference', REFERENCES),
  // IAM takes any printable character in a role's path, and a role's name may hold an @: these exist.
  ...[
    'arn:aws:iam::111122223333:role/evil.example/x',
    'arn:aws:iam::111122223333:role/@evil.example:443/x',
    'arn:aws:iam::111122223333:role/%2e%2e/x',
    'arn:aws:iam::111122223333:role/a&Action=GetSessionToken/x',
    'arn:aws:iam::111122223333:role/https:evil.example?x=#y/x',
    'arn:aws:iam::111122223333:role/x@evil.example',
    'arn:aws:iam::111122223333:role/\\evil.example/x',
  ].map((text) => ({
    field: 'aws role' as const,
    label: 'a path that IAM allows',
    text,
    isWellFormed: true as const,
  })),
  ...[
    'arn:aws:kms:eu-west-1:111122223333:alias/evil-example/x',
    'arn:aws:kms:eu-west-1:111122223333:alias//x',
    'arn:aws:kms:nowhere-1:111122223333:alias/x',
  ].map((text) => ({
    field: 'aws key' as const,
    label: 'an alias that KMS allows',
    text,
    isWellFormed: true as const,
  })),
];
