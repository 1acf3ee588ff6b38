/** The files of an evidence bundle. */
export const BUNDLE_FILES = {
  entries: 'entries.jsonl',
  hashes: 'hashes',
  checkpoint: 'checkpoint',
  vkey: 'vkey',
  keys: 'keys.json',
  statements: 'statements.jsonl',
  approvals: 'approvals.jsonl',
  approverKeys: 'approver-keys.json',
  enrolments: 'enrolments.jsonl',
  orders: 'orders.jsonl',
  usage: 'usage.jsonl',
} as const;
export type BundleFile = (typeof BUNDLE_FILES)[keyof typeof BUNDLE_FILES];

/** What can be wrong with a bundle. Each is an error but the last two, which say what could not be judged. */
export type FindingCode =
  | 'FILE_MISSING'
  | 'FILE_MALFORMED'
  | 'LINE_CHANGED'
  | 'LINE_DROPPED'
  | 'LINE_ADDED'
  | 'LINE_MOVED'
  | 'LINE_NOT_CANONICAL'
  | 'LINE_MISNUMBERED'
  | 'NOT_TERMINATED'
  | 'HASHES_ALTERED'
  | 'ROOT_MISMATCH'
  | 'SIZE_MISMATCH'
  | 'CHECKPOINT_INVALID'
  | 'KEY_NOT_TRUSTED'
  | 'NOT_CONSISTENT'
  | 'OTHER_ORGANIZATION'
  | 'MODE_MISMATCH'
  | 'SIGNATURE_INVALID'
  | 'NOT_IN_LEDGER'
  | 'EVIDENCE_MISSING'
  | 'APPROVER_INVALID'
  | 'USAGE_MISMATCH'
  | 'ROTATION_MOVED'
  | 'SWITCH_UNPLANNED'
  | 'OFFBOARDING_UNPROVED'
  | 'STATEMENT_MISSING'
  | 'WITNESS_UNKNOWN';

const NOTICES: ReadonlySet<FindingCode> = new Set(['STATEMENT_MISSING', 'WITNESS_UNKNOWN']);

export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'notice';
  readonly file: BundleFile;
  /** 1-based, as editors count; `null` where it's about the file. */
  readonly line: number | null;
  readonly text: string;
}

/** Collects findings while a bundle is checked. */
export class Findings {
  readonly list: Finding[] = [];

  add(code: FindingCode, file: BundleFile, line: number | null, text: string): void {
    this.list.push({ code, severity: NOTICES.has(code) ? 'notice' : 'error', file, line, text });
  }

  get failed(): boolean {
    return this.list.some((finding) => finding.severity === 'error');
  }
}
