import { z } from 'zod';
import { canonicalJson, type JsonObject } from '../../domain/canonical';
import { fromUtf8 } from './encoding';
import { BUNDLE_FILES, type Findings } from './findings';
import { type PublicJwk, publicJwkFrom } from './jwk';
import type { VerifySuite } from './suite';
import type { Trust } from './trust';
import { formatVkey, parseVkey, type VerifierKey } from './vkey';

/** Keys of one duty, and whether they came from outside the bundle. */
export interface KeyRing<K> {
  readonly keys: readonly K[];
  readonly trusted: boolean;
}

export interface BundleKeys {
  readonly checkpoint: KeyRing<VerifierKey>;
  readonly custody: KeyRing<PublicJwk>;
  readonly orderIssuer: KeyRing<PublicJwk>;
  readonly actor: KeyRing<PublicJwk>;
  readonly witness: readonly VerifierKey[];
  /** Thumbprints of pinned approval keys; empty if none are pinned. */
  readonly approver: readonly string[];
}

const jwk = z.strictObject({ crv: z.literal('Ed25519'), kty: z.literal('OKP'), x: z.string() });
/**
 * `keys.json`: the keys that statements and orders were signed by, and the API's word for who of our staff approved, as
 * the exporter says. Bundles from before there were offboardings have no `actors`.
 */
export const keysFile = z.strictObject({
  custody: z.array(jwk),
  orderIssuers: z.array(jwk),
  actors: z.array(jwk).optional(),
});

/**
 * The keys to check by: the trusted ones where there are any of a duty, else those the bundle brings along.
 * A key in the bundle that isn't trusted, though others of its duty are, is a finding.
 */
export function keysOf(
  suite: VerifySuite,
  files: ReadonlyMap<string, Uint8Array>,
  trust: Trust | undefined,
  findings: Findings,
): BundleKeys {
  const vkey = bundleVkey(suite, files, findings);
  const { custody, orderIssuers, actors = [] } = bundleJwks(files, findings);
  return {
    checkpoint: ring(vkey, trust?.checkpoint, formatVkey, BUNDLE_FILES.vkey, findings),
    custody: ring(custody, trust?.custody, (key) => key.x, BUNDLE_FILES.keys, findings),
    orderIssuer: ring(orderIssuers, trust?.orderIssuer, (key) => key.x, BUNDLE_FILES.keys, findings),
    actor: ring(actors, trust?.actor, (key) => key.x, BUNDLE_FILES.keys, findings),
    witness: trust?.witness ?? [],
    approver: trust?.approver ?? [],
  };
}

function ring<K>(
  own: readonly K[],
  trusted: readonly K[] | undefined,
  name: (key: K) => string,
  file: 'vkey' | 'keys.json',
  findings: Findings,
): KeyRing<K> {
  if (trusted === undefined || trusted.length === 0) return { keys: own, trusted: false };
  for (const key of own) {
    if (!trusted.some((t) => name(t) === name(key))) {
      findings.add(
        'KEY_NOT_TRUSTED',
        file,
        null,
        `the bundle brings a key that the trust file doesn't list: ${name(key)}`,
      );
    }
  }
  return { keys: trusted, trusted: true };
}

function bundleVkey(
  suite: VerifySuite,
  files: ReadonlyMap<string, Uint8Array>,
  findings: Findings,
): VerifierKey[] {
  const text = fromUtf8(files.get(BUNDLE_FILES.vkey) ?? new Uint8Array()) ?? '';
  const key = text.endsWith('\n') ? parseVkey(suite, text.slice(0, -1)) : undefined;
  if (key?.kind === 'ed25519') return [key];
  findings.add('FILE_MALFORMED', BUNDLE_FILES.vkey, null, 'not one Ed25519 verifier key and a newline');
  return [];
}

function bundleJwks(files: ReadonlyMap<string, Uint8Array>, findings: Findings): z.infer<typeof keysFile> {
  const text = fromUtf8(files.get(BUNDLE_FILES.keys) ?? new Uint8Array()) ?? '';
  const { data } = keysFile.safeParse(jsonOf(text));
  const whole = data !== undefined && `${canonicalJson(data as JsonObject)}\n` === text;
  const all = data && [...data.custody, ...data.orderIssuers, ...(data.actors ?? [])];
  if (data !== undefined && whole && all?.every((key) => publicJwkFrom(key) !== undefined)) return data;
  findings.add(
    'FILE_MALFORMED',
    BUNDLE_FILES.keys,
    null,
    'not canonical JSON {actors: [JWK], custody: [JWK], orderIssuers: [JWK]}',
  );
  return { custody: [], orderIssuers: [] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
