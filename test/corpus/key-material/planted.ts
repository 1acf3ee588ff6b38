import type { Random } from './random';
import * as secrets from './secrets';
import type { Shape } from './shapes';

/** A line of the corpus: a text, or a JSON value as it comes in at a typed field. */
export interface Item {
  readonly label: 'planted' | 'harmless';
  readonly kind: string;
  readonly text?: string;
  readonly value?: unknown;
  /** Name of the file that the text was read from. */
  readonly file?: string;
}

type One = (random: Random, shape: Shape, nth: number) => Pick<Item, 'text' | 'value'>;
const at = <T>(list: readonly T[], nth: number): T => {
  const one = list[nth % list.length];
  if (one === undefined) throw new Error('an empty list');
  return one;
};
const shaped =
  (make: (random: Random, nth: number) => string): One =>
  (random, shape, nth) => ({ text: shape(make(random, nth), random) });
const typed =
  (make: (random: Random, nth: number) => unknown): One =>
  (random, _, nth) => ({ value: make(random, nth) });
const wrapped = (text: string, width: number): string =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n');
const spelled = (bytes: Buffer, nth: number): string => {
  const pairs = bytes.toString('hex').match(/../g) ?? [];
  return at(
    [
      pairs.join(' '),
      pairs.join(':').toUpperCase(),
      pairs.map((pair) => `0x${pair}`).join(', '),
      `0x${pairs.join('')}`,
      (bytes.toString('hex').match(/.{4}/g) ?? []).join(' '),
      pairs.map((pair) => `\\x${pair}`).join(''),
      (bytes.toString('hex').match(/.{8}/g) ?? []).join('-'),
      `{${pairs.map((pair) => `0x${pair.toUpperCase()}`).join(',')}}`,
    ],
    nth,
  );
};
const SIZES = [16, 24, 32] as const;
const sprinkled = (text: string, mark: string): string => (text.match(/.{1,7}/gs) ?? []).join(mark);

/** Each kind of key material with what makes one of it; `nth` walks through its variants. */
export const PLANTED: Readonly<Record<string, One>> = {
  pem: shaped((random, nth) => at(secrets.pems, nth)(random)),
  'pem with \\n written out': shaped((random, nth) => at(secrets.pems, nth)(random).replaceAll('\n', '\\n')),
  'pem in one line': shaped((random, nth) => at(secrets.pems, nth)(random).trim().replaceAll('\n', ' ')),
  putty: shaped((random) => secrets.puttyKey(random)),
  age: shaped((random) => secrets.ageKey(random)),
  'der in base64': shaped((random, nth) => at(secrets.ders, nth)(random).toString('base64')),
  'der in hex': shaped((random, nth) => at(secrets.ders, nth)(random).toString('hex')),
  'jwk as text': shaped((random, nth) => JSON.stringify(at(secrets.jwks, nth)(random), null, nth % 2)),
  'jwk in a jwks': shaped((random, nth) =>
    JSON.stringify({ keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }, at(secrets.jwks, nth)(random)] }),
  ),
  'jwk in an escaped string': shaped((random, nth) =>
    JSON.stringify({ config: JSON.stringify(at(secrets.jwks, nth)(random)) }),
  ),
  'jwk as a value': typed((random, nth) => ({ payload: { keys: [at(secrets.jwks, nth)(random)] } })),
  'hex key': shaped((random, nth) => secrets.hex(at([16, 24, 32, 32, 64], nth))(random)),
  'hex key in capitals': shaped((random, nth) => secrets.hex(at(SIZES, nth))(random).toUpperCase()),
  'hex key in groups': shaped((random, nth) => spelled(random.bytes(at(SIZES, nth >> 3)), nth)),
  'base64 key, 128 bits': shaped((random) => secrets.base64(16)(random)),
  'base64 key, 192 bits': shaped((random) => secrets.base64(24)(random)),
  'base64 key, 256 bits': shaped((random) => secrets.base64(32)(random)),
  'base64 key, 512 bits': shaped((random) => secrets.base64(64)(random)),
  'base64url key, 128 bits': shaped((random) => secrets.base64UrlSafe(16)(random)),
  'base64url key, 256 bits': shaped((random) => secrets.base64UrlSafe(32)(random)),
  'byte list': shaped((random, nth) =>
    at(
      [(b: string) => `[${b}]`, (b: string) => `new byte[] { ${b} }`, (b: string) => b],
      nth,
    )([...random.bytes(at([16, 24, 32, 64, 100], nth))].join(at([', ', ',', ' '], nth))),
  ),
  'byte list as a value': typed((random, nth) => {
    const bytes = [...random.bytes(at([16, 24, 32, 48, 64, 120], nth))];
    return at(
      [{ data: bytes }, { key: { type: 'Buffer', data: bytes } }, { key: { ...bytes } }, [bytes]],
      nth,
    );
  }),
  'aws access key id': shaped((random) => secrets.awsAccessKeyId(random)),
  'aws secret access key': shaped((random) => secrets.awsSecret(random)),
  'aws secret access key with its name': shaped((random, nth) =>
    at(
      [
        (s: string) => `aws_secret_access_key=${s}`,
        (s: string) => `AWS_SECRET_ACCESS_KEY: "${s}"`,
        (s: string) => `{"SecretAccessKey": "${s}"}`,
        (s: string) => `Secret access key,${s}`,
      ],
      nth,
    )(secrets.awsSecret(random)),
  ),
  'aws session token': shaped((random) => secrets.awsSessionToken(random)),
  'azure client secret': shaped((random) => secrets.azureClientSecret(random)),
  'azure connection string': shaped((random, nth) => at(secrets.azureConnection, nth)(random)),
  'azure sas': shaped((random, nth) => at(secrets.azureSas, nth)(random)),
  'database url': shaped((random, nth) => at(secrets.databaseUrl, nth)(random)),
  'json web token': shaped((random, nth) => at(secrets.jsonWebToken, nth)(random)),
  'bearer token': shaped(
    (random, nth) =>
      `${at(['Authorization: Bearer ', 'bearer ', '"Bearer '], nth)}${secrets.opaqueToken(random)}`,
  ),
  'service token': shaped((random, nth) => at(secrets.serviceToken, nth)(random)),
  'base64 of a pem': shaped((random, nth) =>
    Buffer.from(at(secrets.pems, nth)(random)).toString(at(['base64', 'base64url'], nth)),
  ),
  'base64 of a hex key': shaped((random, nth) =>
    Buffer.from(secrets.hex(at(SIZES, nth))(random)).toString('base64'),
  ),
  'url-encoded': shaped((random, nth) =>
    encodeURIComponent(
      at([secrets.pems[7], secrets.base64(32), secrets.azureConnection[0]], nth)?.(random) ?? '',
    ),
  ),
  'json in json': shaped((random, nth) =>
    JSON.stringify(
      JSON.stringify({ a: at([secrets.pems[4], secrets.base64(32), secrets.hex(32)], nth)?.(random) }),
    ),
  ),
  'invisible characters': shaped((random, nth) =>
    sprinkled(
      at([secrets.pems[7], secrets.base64(32), secrets.hex(32), secrets.awsSecret], nth)?.(random).trim() ??
        '',
      at(['\u200b', '\u00ad', '\ufeff', '\u2060'], nth),
    ),
  ),
  'wrapped lines': shaped((random, nth) =>
    at(
      [
        () => wrapped(at(secrets.ders, nth)(random).toString('base64'), at([64, 76], nth)),
        () => wrapped(secrets.hex(32)(random), at([16, 32, 8], nth)),
        () => wrapped(secrets.base64(32)(random), at([11, 16, 22], nth)),
      ],
      nth,
    )(),
  ),
  'member name': typed((random, nth) => ({
    [at([secrets.hex(32), secrets.base64(32), secrets.awsAccessKeyId, secrets.pems[7]], nth)?.(random) ?? '']:
      'x',
  })),
};

/** @param each how many of each kind */
export function plantedOf(random: Random, shapes: readonly Shape[], each: number): Item[] {
  return Object.entries(PLANTED).flatMap(([kind, one]) =>
    Array.from(
      { length: each },
      (_, nth): Item => ({
        label: 'planted',
        kind,
        ...one(random, shapes[(nth + random.below(shapes.length)) % shapes.length] ?? String, nth),
      }),
    ),
  );
}
