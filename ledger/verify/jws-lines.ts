import { bytesToHex } from '@noble/hashes/utils.js';
import { fromUtf8, toUtf8 } from './encoding';
import { BUNDLE_FILES, type BundleFile, type Findings } from './findings';
import type { PublicJwk } from './jwk';
import { isSignedBy, type ParsedJws, parseJws } from './jws';
import { hashOf, type VerifySuite } from './suite';

/** A line that was signed by one of the keys. */
export interface SignedLine {
  /** 1-based. */
  readonly line: number;
  readonly typ: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** SHA-256 of the compact JWS, hex: what the ledger keeps of it. */
  readonly sha256: string;
}

/** Lines of a text file that ends in a newline; what doesn't is a finding. */
export function textLines(file: BundleFile, bytes: Uint8Array, findings: Findings): string[] {
  const text = fromUtf8(bytes);
  if (text === undefined || (text !== '' && !text.endsWith('\n'))) {
    findings.add('FILE_MALFORMED', file, null, 'not UTF-8 lines, each with its newline');
    return [];
  }
  return text.split('\n').slice(0, -1);
}

/** The compact JWS of a file, each signed by the key that `keyFor` gives; the others are findings. */
export async function signedLines(
  suite: VerifySuite,
  file: BundleFile,
  bytes: Uint8Array,
  keysFor: (jws: ParsedJws) => readonly PublicJwk[],
  findings: Findings,
): Promise<SignedLine[]> {
  const signed: SignedLine[] = [];
  for (const [i, text] of textLines(file, bytes, findings).entries()) {
    const jws = parseJws(text);
    if (jws === undefined) {
      findings.add('FILE_MALFORMED', file, i + 1, 'not a compact JWS with alg EdDSA, typ and kid');
    } else if (await isSignedBy(suite, jws, keysFor(jws))) {
      const sha256 = bytesToHex(hashOf(suite, toUtf8(text)));
      signed.push({ line: i + 1, typ: jws.typ, payload: jws.payload, sha256 });
    } else {
      findings.add('SIGNATURE_INVALID', file, i + 1, `not signed by a ${KEY_WORD[file] ?? 'known'} key`);
    }
  }
  return signed;
}

const KEY_WORD: Partial<Record<BundleFile, string>> = {
  [BUNDLE_FILES.statements]: 'custody',
  [BUNDLE_FILES.orders]: 'known order issuer’s',
  [BUNDLE_FILES.approvals]: 'enrolled approval',
  [BUNDLE_FILES.enrolments]: 'then enrolled approval',
};
