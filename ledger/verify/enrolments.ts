import { bytesToHex } from '@noble/hashes/utils.js';
import { ENROLMENT_TYP, type EnrolmentPayload, enrolmentPayload } from '../../domain/enrolment';
import type { Subject } from './check-orders';
import { toUtf8 } from './encoding';
import { BUNDLE_FILES, type Findings } from './findings';
import type { PublicJwk } from './jwk';
import { isSignedBy, type ParsedJws, parseJws } from './jws';
import { textLines } from './jws-lines';
import type { LedgerEntry } from './ledger-lines';
import { hashOf, type VerifySuite } from './suite';

const FILE = BUNDLE_FILES.enrolments;

interface Line {
  readonly number: number;
  readonly jws: ParsedJws;
}

/**
 * `enrolments.jsonl`: what enrolled keys signed to add or remove others, one compact JWS a line. A line is found by
 * its SHA-256, which its entry keeps, and judged by the key that counted at that entry: not by those of today.
 */
export class Enrolments {
  private readonly unused = new Map<string, Line>();
  private readonly nonces = new Set<string>();

  constructor(
    private readonly suite: VerifySuite,
    file: Uint8Array,
    private readonly subject: Subject,
    private readonly findings: Findings,
  ) {
    for (const [i, text] of textLines(FILE, file, findings).entries()) {
      const jws = parseJws(text);
      const sha256 = bytesToHex(hashOf(suite, toUtf8(text)));
      if (jws === undefined)
        findings.add('FILE_MALFORMED', FILE, i + 1, 'not a compact JWS with alg EdDSA, typ and kid');
      else if (this.unused.has(sha256))
        findings.add('FILE_MALFORMED', FILE, i + 1, 'the same enrolment twice');
      else this.unused.set(sha256, { number: i + 1, jws });
    }
  }

  /**
   * The signed word of an entry, if it is what `by` signed for this organization before it expired. What's wrong
   * with it is added to the findings.
   * @param by the key that the entry says signed it; `undefined` if that key didn't count, so that nothing does
   */
  async of(
    entry: LedgerEntry,
    sha256: unknown,
    by: { readonly credentialId: string; readonly jwk: PublicJwk } | undefined,
  ): Promise<EnrolmentPayload | undefined> {
    const line = this.unused.get(String(sha256));
    if (line === undefined) {
      this.findings.add('EVIDENCE_MISSING', FILE, null, `no signed word for entry ${entry.index}`);
      return undefined;
    }
    this.unused.delete(String(sha256));
    if (by === undefined) return undefined;
    const { number, jws } = line;
    if (!(await isSignedBy(this.suite, jws, [by.jwk]))) {
      const text = `not signed by the key that entry ${entry.index} says`;
      this.findings.add('SIGNATURE_INVALID', FILE, number, text);
      return undefined;
    }
    const { data } = enrolmentPayload.safeParse(jws.payload);
    if (data === undefined || jws.typ !== ENROLMENT_TYP || data.credentialId !== by.credentialId) {
      this.findings.add('FILE_MALFORMED', FILE, number, 'not an enrolment by its signer');
      return undefined;
    }
    const problem = this.problemOf(data, entry);
    this.nonces.add(data.nonce);
    if (problem === undefined) return data;
    this.findings.add(problem.code, FILE, number, problem.text);
    return undefined;
  }

  /** To be asked when every entry has had its word. */
  nameUnused(): void {
    for (const { number } of this.unused.values())
      this.findings.add('NOT_IN_LEDGER', FILE, number, 'no entry of an enrolment or removal has its SHA-256');
  }

  private problemOf({ deployment, org, exp, nonce }: EnrolmentPayload, { index, at }: LedgerEntry) {
    if (deployment !== this.subject.deployment || org !== this.subject.organization)
      return { code: 'OTHER_ORGANIZATION', text: 'for another deployment or organization' } as const;
    if (Date.parse(at) > exp * 1000)
      return { code: 'NOT_IN_LEDGER', text: `it had expired at entry ${index}` } as const;
    if (this.nonces.has(nonce))
      return { code: 'NOT_IN_LEDGER', text: `its nonce was spent before entry ${index}` } as const;
    return undefined;
  }
}
