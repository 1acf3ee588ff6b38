import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Random } from './random';

export type Make = (random: Random) => string;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const MADE: KeyObject[] = [];
/** They take their time to make: three of them, in turn. */
const rsa = (): KeyObject => {
  const key = MADE.length < 3 ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : MADE.shift();
  if (key === undefined) throw new Error('no key was made');
  MADE.push(key);
  return key;
};
const ed25519 = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const x25519 = (): KeyObject => generateKeyPairSync('x25519').privateKey;
const locked = { cipher: 'aes-256-cbc', passphrase: 'a passphrase of nobody' } as const;
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1', lock = {}): string =>
  key.export({ type, format: 'pem', ...lock } as never).toString();
const der = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1', lock = {}): Buffer =>
  key.export({ type, format: 'der', ...lock } as never) as unknown as Buffer;
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const pems: readonly Make[] = [
  () => pem(rsa(), 'pkcs8'),
  () => pem(rsa(), 'pkcs1'),
  () => pem(rsa(), 'pkcs8', locked),
  () => pem(rsa(), 'pkcs1', locked),
  () => pem(ec('prime256v1'), 'pkcs8'),
  () => pem(ec('secp384r1'), 'sec1'),
  () => pem(ec('secp256k1'), 'pkcs8'),
  () => pem(ed25519(), 'pkcs8'),
  () => pem(x25519(), 'pkcs8'),
  () => pem(ed25519(), 'pkcs8', locked),
];
export const ders: readonly ((random: Random) => Buffer)[] = [
  () => der(rsa(), 'pkcs8'),
  () => der(rsa(), 'pkcs1'),
  () => der(rsa(), 'pkcs8', locked),
  () => der(ec('prime256v1'), 'pkcs8'),
  () => der(ec('prime256v1'), 'sec1'),
  () => der(ec('secp521r1'), 'pkcs8'),
  () => der(ed25519(), 'pkcs8'),
  () => der(ed25519(), 'pkcs8', locked),
];
export const jwks: readonly ((random: Random) => object)[] = [
  () => rsa().export({ format: 'jwk' }),
  () => ec('prime256v1').export({ format: 'jwk' }),
  () => ({ kid: 'signing-2026', ...ed25519().export({ format: 'jwk' }) }),
  (random) => ({ kty: 'oct', k: random.bytes(16).toString('base64url'), alg: 'A128KW' }),
  (random) => ({ kty: 'oct', k: random.bytes(32).toString('base64url'), kid: random.uuid() }),
];

export const hex =
  (bytes: number): Make =>
  (random) =>
    random.bytes(bytes).toString('hex');
export const base64 =
  (bytes: number): Make =>
  (random) =>
    random.bytes(bytes).toString('base64');
export const base64UrlSafe =
  (bytes: number): Make =>
  (random) =>
    random.bytes(bytes).toString('base64url');

export const awsAccessKeyId: Make = (random) => `${random.pick(['AKIA', 'ASIA'])}${random.text(BASE32, 16)}`;
export const awsSecret: Make = (random) => random.bytes(30).toString('base64');
export const awsSessionToken: Make = (random) =>
  `${random.pick(['IQoJb3JpZ2luX2Vj', 'FwoGZXIvYXdzE'])}${random.bytes(240 + random.below(200)).toString('base64')}`;
export const azureClientSecret: Make = (random) =>
  `${random.text(LETTERS, 3)}${random.pick(['8', '7'])}Q~${random.text(`${LETTERS}_.-~`, 33)}a`;
const storageKey: Make = (random) => random.bytes(64).toString('base64');
export const azureConnection: readonly Make[] = [
  (random) =>
    `DefaultEndpointsProtocol=https;AccountName=acmeprod;AccountKey=${storageKey(random)};EndpointSuffix=core.windows.net`,
  (random) =>
    `Endpoint=sb://acme-bus.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=${base64(32)(random)}`,
  (random) => `AccountEndpoint=https://acme-db.documents.azure.com:443/;AccountKey=${storageKey(random)};`,
  (random) =>
    `HostName=acme-hub.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${base64(32)(random)}`,
];
export const azureSas: readonly Make[] = [
  (random) =>
    `https://acmeprod.blob.core.windows.net/backup?sv=2024-11-04&ss=b&srt=sco&sp=rl&se=2027-01-01T00:00:00Z&spr=https&sig=${encodeURIComponent(base64(32)(random))}`,
  (random) =>
    `SharedAccessSignature sr=acme-bus.servicebus.windows.net&sig=${encodeURIComponent(base64(32)(random))}&se=1798761600&skn=send`,
];
const password: Make = (random) => random.text(`${LETTERS}!$.-`, 9 + random.below(12));
export const databaseUrl: readonly Make[] = [
  (random) => `postgres://smsk_app:${password(random)}@db.acme.example:5432/workspaces?sslmode=require`,
  (random) => `mysql://root:${password(random)}@10.1.2.3/prod`,
  (random) => `mongodb+srv://svc-backup:${password(random)}@cluster0.ab1cd.mongodb.net/?retryWrites=true`,
  (random) => `redis://:${password(random)}@cache.acme.example:6380/0`,
  (random) => `amqps://vault:${password(random)}@mq.acme.example/keys`,
  (random) =>
    `Server=tcp:acme.database.windows.net,1433;Database=keys;User ID=svc;Password=${password(random)};Encrypt=true;`,
];
const signed = (header: object, payload: object, random: Random): string => {
  const body = `${base64url(header)}.${base64url(payload)}`;
  return `${body}.${createHmac('sha256', random.bytes(32)).update(body).digest('base64url')}`;
};
export const jsonWebToken: readonly Make[] = [
  (random) =>
    signed(
      { alg: 'HS256', typ: 'JWT' },
      { sub: random.uuid(), iss: 'https://login.acme.example', exp: 1798761600 },
      random,
    ),
  (random) =>
    signed(
      { typ: 'JWT', alg: 'RS256', kid: random.uuid() },
      { aud: 'https://vault.azure.net', tid: random.uuid(), appid: random.uuid(), roles: ['Key.Wrap'] },
      random,
    ),
];
export const serviceToken: readonly Make[] = [
  (random) => `ghp_${random.text(LETTERS, 36)}`,
  (random) => `glpat-${random.text(LETTERS, 20)}`,
  (random) => `xoxb-${random.text('0123456789', 12)}-${random.text(LETTERS, 24)}`,
  (random) => `hvs.${random.text(LETTERS, 90)}`,
  (random) => `npm_${random.text(LETTERS, 36)}`,
];
/** A service's token, of no form that anybody publishes. */
export const opaqueToken: Make = (random) =>
  random.text(`${LETTERS}-_`, 40 + random.below(30)).replace(/^./, 'a1');
export const puttyKey: Make = (random) =>
  [
    `PuTTY-User-Key-File-${random.pick(['2', '3'])}: ssh-ed25519`,
    'Encryption: none',
    'Comment: backup@acme',
    'Public-Lines: 2',
    `AAAAC3NzaC1lZDI1NTE5AAAAI${random.bytes(29).toString('base64').slice(0, 39)}`,
    random.bytes(3).toString('base64'),
    'Private-Lines: 1',
    random.bytes(36).toString('base64'),
    `Private-MAC: ${hex(32)(random)}`,
  ].join('\n');
/** A name of the right alphabet and length; its checksum isn't computed, and nothing here looks at it. */
export const ageKey: Make = (random) =>
  `AGE-SECRET-KEY-1${random.text('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}`;
