import { checkApprovers } from './approvers';
import { type BundleKeys, keysOf } from './bundle-keys';
import { checkApprovals } from './check-approvals';
import { checkForm, checkRoot } from './check-lines';
import { checkOffboardings } from './check-offboardings';
import { checkOrders, type Subject } from './check-orders';
import { checkPlannedSwitches } from './check-planned-switches';
import { checkRotations } from './check-rotations';
import { checkStatements } from './check-statements';
import { checkUsage, type UsageRange } from './check-usage';
import { type Checkpoint, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint';
import { fromUtf8, sameBytes } from './encoding';
import { Enrolments } from './enrolments';
import { BUNDLE_FILES, type BundleFile, type Finding, Findings } from './findings';
import { signedLines } from './jws-lines';
import { LedgerLines } from './ledger-lines';
import { NoteError, parseNote } from './note';
import { HASH_BYTES, type VerifySuite } from './suite';
import { rootOfLeaves } from './tree';
import type { Trust } from './trust';

/**
 * `verified`: everything holds, by keys from outside the bundle. `self-attested`: everything holds, but some of
 * the keys came with the bundle, so that whoever made it could have made all of it. `failed`: something doesn't.
 */
export type Verdict = 'verified' | 'self-attested' | 'failed';

export interface VerifyOptions {
  /** Keys got elsewhere. */
  readonly trust?: Trust;
  /** An older checkpoint of the same ledger, as text: the bundle must continue it. */
  readonly since?: string;
}

export interface BundleVerdict {
  readonly verdict: Verdict;
  /** The origin, mode, size and root that the checkpoint signs; `null` if it isn't valid. */
  readonly checkpoint: Checkpoint | null;
  /** Witnesses that countersigned, with their times (POSIX seconds). */
  readonly witnesses: readonly { readonly name: string; readonly timestamp: number }[];
  readonly entries: number;
  /** The first and the last minute whose usage rows are in the bundle, and how many rows; `null` for none. */
  readonly usage: UsageRange | null;
  readonly findings: readonly Finding[];
}

const OPTIONAL: ReadonlySet<BundleFile> = new Set([BUNDLE_FILES.usage]);

/**
 * Checks an evidence bundle, given as file name → content. Never throws for what's in it.
 * O(bytes): one pass over the entries, then the signed texts.
 */
export async function verifyBundle(
  suite: VerifySuite,
  files: ReadonlyMap<string, Uint8Array>,
  options: VerifyOptions = {},
): Promise<BundleVerdict> {
  const findings = new Findings();
  const file = (name: BundleFile) => files.get(name) ?? new Uint8Array();
  for (const name of Object.values(BUNDLE_FILES)) {
    if (!files.has(name) && !OPTIONAL.has(name))
      findings.add('FILE_MISSING', name, null, 'not in the bundle');
  }
  const keys = keysOf(suite, files, options.trust, findings);
  const lines = LedgerLines.read(suite, file(BUNDLE_FILES.entries));
  const head = await checkCheckpoint(suite, file(BUNDLE_FILES.checkpoint), keys, findings);
  checkForm(lines, findings);
  checkRoot(suite, lines, file(BUNDLE_FILES.hashes), head?.checkpoint, findings);
  if (options.since !== undefined)
    await checkSince(suite, lines, options.since, keys, head?.checkpoint, findings);
  const subject = checkSubject(lines, head?.checkpoint, findings);

  const statements = await signedLines(
    suite,
    BUNDLE_FILES.statements,
    file(BUNDLE_FILES.statements),
    () => keys.custody.keys,
    findings,
  );
  checkStatements(statements, lines, findings);
  checkPlannedSwitches(statements, lines, findings);
  checkRotations(statements, lines, findings);
  const signedOrders = await signedLines(
    suite,
    BUNDLE_FILES.orders,
    file(BUNDLE_FILES.orders),
    () => keys.orderIssuer.keys,
    findings,
  );
  const orders = checkOrders(signedOrders, lines, subject, findings);
  const enrolments = new Enrolments(suite, file(BUNDLE_FILES.enrolments), subject, findings);
  const approvers = await checkApprovers(
    suite,
    lines,
    { file: file(BUNDLE_FILES.approverKeys), orders, enrolments, pinned: keys.approver },
    findings,
  );
  const approverJwks = approvers.map((approver) => approver.jwk);
  const approvals = await signedLines(
    suite,
    BUNDLE_FILES.approvals,
    file(BUNDLE_FILES.approvals),
    () => approverJwks,
    findings,
  );
  checkApprovals(approvals, lines, subject, approvers, findings);
  const evidence = { statements, approvals, actorKeys: keys.actor.keys };
  const offboardings = await checkOffboardings(suite, lines, evidence, findings);
  const usage = checkUsage(suite, file(BUNDLE_FILES.usage), lines, findings);

  // A duty without anything signed needs no trusted key.
  const trusted =
    keys.checkpoint.trusted &&
    (keys.custody.trusted || statements.length === 0) &&
    (keys.orderIssuer.trusted || signedOrders.length === 0) &&
    (keys.actor.trusted || offboardings === 0);
  return {
    verdict: findings.failed ? 'failed' : trusted ? 'verified' : 'self-attested',
    checkpoint: head?.checkpoint ?? null,
    witnesses: (head?.verified ?? []).flatMap(({ key, timestamp }) =>
      timestamp === undefined ? [] : [{ name: key.name, timestamp }],
    ),
    entries: lines.count,
    usage,
    findings: findings.list,
  };
}

async function checkCheckpoint(
  suite: VerifySuite,
  file: Uint8Array,
  keys: BundleKeys,
  findings: Findings,
): Promise<VerifiedCheckpoint | undefined> {
  try {
    const note = fromUtf8(file) ?? '';
    const verified = await verifyCheckpoint(suite, note, [...keys.checkpoint.keys, ...keys.witness]);
    const strangers = parseNote(note).signatures.length - verified.verified.length;
    if (strangers > 0) {
      findings.add(
        'WITNESS_UNKNOWN',
        BUNDLE_FILES.checkpoint,
        null,
        `${strangers} signature(s) by keys nobody trusts here`,
      );
    }
    return verified;
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    findings.add('CHECKPOINT_INVALID', BUNDLE_FILES.checkpoint, null, error.message);
    return undefined;
  }
}

/** The bundle must begin with what an older checkpoint signed: its root, computed from the bundle's lines. */
async function checkSince(
  suite: VerifySuite,
  lines: LedgerLines,
  since: string,
  keys: BundleKeys,
  head: Checkpoint | undefined,
  findings: Findings,
): Promise<void> {
  const refuse = (text: string) => findings.add('NOT_CONSISTENT', BUNDLE_FILES.entries, null, text);
  try {
    const { checkpoint: old } = await verifyCheckpoint(suite, since, keys.checkpoint.keys);
    if (head !== undefined && old.origin !== head.origin) {
      refuse(`the older checkpoint is of another ledger, ${old.origin}`);
    } else if (old.size > lines.count) {
      refuse(
        `the older checkpoint is over ${old.size} entries, the bundle has only ${lines.count}: entries were cut off`,
      );
    } else if (!sameBytes(rootOfLeaves(suite, lines.leaves.subarray(0, old.size * HASH_BYTES)), old.root)) {
      refuse(`the first ${old.size} entries are not those of the older checkpoint: history was rewritten`);
    }
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    refuse(`the older checkpoint: ${error.message}`);
  }
}

/** Whose ledger it is, as the checkpoint says; every entry must be of that organization, the first of that mode. */
function checkSubject(lines: LedgerLines, head: Checkpoint | undefined, findings: Findings): Subject {
  const first = lines.entry(0);
  const slash = head?.origin.lastIndexOf('/') ?? -1;
  const deployment = head?.origin.slice(0, slash) ?? String(first?.body['deployment']);
  const organization = head?.origin.slice(slash + 1) ?? String(first?.organization);
  if (first !== undefined && first.organization !== organization) {
    findings.add(
      'OTHER_ORGANIZATION',
      BUNDLE_FILES.entries,
      1,
      `of ${first.organization}, not ${organization}`,
    );
  }
  if (first !== undefined && head !== undefined && first.body['mode'] !== head.mode) {
    findings.add(
      'MODE_MISMATCH',
      BUNDLE_FILES.entries,
      1,
      `the checkpoint says mode ${head.mode}, the first entry doesn't`,
    );
  }
  return { deployment, organization };
}
