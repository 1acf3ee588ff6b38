import { bytesToHex } from '@noble/hashes/utils.js';
import type { z } from 'zod';
import { ACTOR_TYP, actorClaims, may } from '../../domain/actor';
import { isSamePerson } from '../../domain/credential-reference';
import { isOfItsPlan } from '../../domain/offboarding';
import {
  type CustodyStatement,
  custodyStatement,
  type OffboardedStatement,
  offboardedStatement,
  STATEMENT_TYPS,
  type StatementKind,
} from '../../domain/statement';
import { toUtf8 } from './encoding';
import { BUNDLE_FILES, type Findings } from './findings';
import type { PublicJwk } from './jwk';
import { isSignedByOneOf, parseJws } from './jws';
import type { SignedLine } from './jws-lines';
import type { LedgerEntry, LedgerLines } from './ledger-lines';
import { hashOf, type VerifySuite } from './suite';

export interface OffboardingEvidence {
  readonly statements: readonly SignedLine[];
  /** Signed by approval keys that the ledger enrols. */
  readonly approvals: readonly SignedLine[];
  /** The API's. */
  readonly actorKeys: readonly PublicJwk[];
}

/** One return to platform custody, by its own entries. */
interface Offboarding {
  readonly opened: LedgerEntry;
  readonly custody: CustodyStatement;
  readonly before: CustodyStatement | undefined;
  readonly said: OffboardedStatement | undefined;
  readonly own: (type: string) => readonly LedgerEntry[];
}

/**
 * Custody goes back to the platform only as both sides approved it: the customer by an enrolled key, a member of staff
 * by the API's word, who isn't the one that started it; over one and the same plan, before the switch; to a key that was
 * made for it, with every key version that was live, each with the check value it had.
 * @returns how many returns the ledger has, unproved ones included
 */
export async function checkOffboardings(
  suite: VerifySuite,
  lines: LedgerLines,
  evidence: OffboardingEvidence,
  findings: Findings,
): Promise<number> {
  const custody = statementsOf(evidence.statements, 'custody', custodyStatement);
  const said = statementsOf(evidence.statements, 'offboarded', offboardedStatement);
  const [sealed] = lines.ofTypes(['platform-sealed']);
  let returns = 0;
  for (const [at, { statement, line }] of custody.entries()) {
    const isReturn =
      statement.custody === 'platform' && sealed !== undefined && sealed.index < statement.ledgerIndex;
    if (!isReturn) continue;
    returns += 1;
    const problem = await problemOf(suite, lines, evidence, {
      custody: statement,
      before: custody[at - 1]?.statement,
      said: said.find((each) => each.statement.ledgerIndex === statement.ledgerIndex)?.statement,
    });
    if (problem !== null) findings.add('OFFBOARDING_UNPROVED', BUNDLE_FILES.statements, line, problem);
  }
  return returns;
}

async function problemOf(
  suite: VerifySuite,
  lines: LedgerLines,
  evidence: OffboardingEvidence,
  signed: Pick<Offboarding, 'custody' | 'before' | 'said'>,
): Promise<string | null> {
  const { operationId } = signed.custody;
  const own = (type: string) => lines.ofTypes([type]).filter((entry) => entry.operationId === operationId);
  const [opened] = own('operation-opened');
  if (opened?.body['kind'] !== 'offboard') return 'custody went back to the platform by no offboarding';
  if (signed.said === undefined) return 'no statement says that both sides approved the switch';
  const offboarding = { ...signed, opened, own };
  return (
    customerProblem(suite, offboarding, signed.said, evidence) ??
    (await operatorProblem(suite, offboarding, signed.said, evidence)) ??
    keyProblem(offboarding, lines)
  );
}

function customerProblem(
  suite: VerifySuite,
  { own, custody }: Offboarding,
  said: OffboardedStatement,
  { approvals }: OffboardingEvidence,
): string | null {
  const { jws } = said.customerApproval;
  const payloads = [parseJws(jws)?.payload, parseJws(said.operatorApproval)?.payload] as const;
  if (!isOfItsPlan(said, ...payloads)) return 'its approvals are not of its plan';
  if (said.operationId !== custody.operationId) return 'its statement is of another operation';
  const approval = approvals.find(({ sha256 }) => sha256 === sha256Of(suite, jws));
  if (approval === undefined) return 'the customer’s approval is signed by no enrolled key';
  const accepted = own('approval-accepted').findLast(
    ({ body, index }) => body['nonce'] === approval.payload['nonce'] && index < custody.ledgerIndex,
  );
  if (accepted?.body['decision'] !== 'approve') return 'no entry before accepts the customer’s approval';
  return accepted.body['planDigest'] === said.planDigest ? null : 'the customer approved another plan';
}

async function operatorProblem(
  suite: VerifySuite,
  { own, custody, opened }: Offboarding,
  said: OffboardedStatement,
  { actorKeys }: OffboardingEvidence,
): Promise<string | null> {
  const word = parseJws(said.operatorApproval);
  if (word?.typ !== ACTOR_TYP || !(await isSignedByOneOf(suite, word, actorKeys)))
    return 'the operator’s approval is not the API’s word';
  const { data: by } = actorClaims.safeParse(word.payload);
  if (by === undefined || !may(by.role, 'approveOffboarding'))
    return 'the operator’s approver may not approve';
  const proofSha256 = sha256Of(suite, said.operatorApproval);
  const recorded = own('operator-approved').find(
    ({ body, index }) => body['proofSha256'] === proofSha256 && index < custody.ledgerIndex,
  );
  if (recorded === undefined) return 'no entry before has the operator’s approval';
  const { body } = recorded;
  if (body['by'] !== by.name || body['planDigest'] !== said.planDigest)
    return `entry ${recorded.index} has another approver or plan`;
  if (opened.actor.kind !== 'support') return 'it was started by nobody who may start one';
  return isSamePerson(opened.actor.name, by.name) ? 'whoever started it approved it as well' : null;
}

/** The switch went to the key that was made for it, and took every key version along as it was. */
function keyProblem({ own, custody, before, said }: Offboarding, lines: LedgerLines): string | null {
  const [created] = own('platform-key-created');
  const { keyRef } = custody;
  if (created?.body['keyRef'] !== keyRef || said?.platformKeyRef !== keyRef)
    return 'it went to another key than was made for it';
  const former = lines
    .ofTypes(['platform-key-created'])
    .find((entry) => entry.index < created.index && entry.body['keyRef'] === keyRef);
  if (former !== undefined) return `its key is that of entry ${former.index}`;
  if (before?.custody !== 'customer') return 'custody was the platform’s before';
  const versions = Object.keys(custody.envelopes);
  const known = Object.keys(before.envelopes);
  if (versions.length !== known.length || !versions.every((version) => known.includes(version)))
    return 'it has other key versions';
  const staged = lines.ofTypes(['envelope-staged']);
  const checkValueOf = (sha256: string | undefined) =>
    staged.find(({ body }) => body['wrappedSha256'] === sha256)?.body['checkValue'];
  const other = versions.find(
    (version) => checkValueOf(custody.envelopes[version]) !== checkValueOf(before.envelopes[version]),
  );
  return other === undefined ? null : `key version ${other} is another key`;
}

function statementsOf<T extends { readonly ledgerIndex: number }>(
  lines: readonly SignedLine[],
  kind: StatementKind,
  schema: z.ZodType<T>,
): { readonly statement: T; readonly line: number }[] {
  const found = lines.flatMap(({ typ, payload, line }) => {
    const { data } = schema.safeParse(payload);
    return typ === STATEMENT_TYPS[kind] && data !== undefined ? [{ statement: data, line }] : [];
  });
  return found.sort((a, b) => a.statement.ledgerIndex - b.statement.ledgerIndex);
}

const sha256Of = (suite: VerifySuite, text: string): string => bytesToHex(hashOf(suite, toUtf8(text)));
