import type { Code } from './codes';
import type { LedgerIndex } from './ids';

/** Who remembers a head that the database isn't asked for: the signer, or what was published. */
export type Witness = 'signer' | 'publication';

/**
 * What an audit finds of one organization's ledger: each means that somebody, or a restored backup, went past `commit`,
 * or that what is kept outside the database is lost.
 */
export type AuditFinding =
  /** The database is shorter than what was signed or published, as after restoring a backup. */
  | {
      readonly finding: 'rolled-back';
      readonly by: Witness;
      readonly entries: number;
      readonly known: number;
    }
  /** The entries aren't those that were signed or published. `index`: the first that differs, where it is known. */
  | { readonly finding: 'entry-rewritten'; readonly by: Witness; readonly index: LedgerIndex | null }
  | { readonly finding: 'entry-missing'; readonly index: number }
  /** A row that would pass for an entry, past the ledger's end. */
  | { readonly finding: 'entry-beyond-head'; readonly index: LedgerIndex }
  /** The head that the database keeps isn't the root of its entries. */
  | { readonly finding: 'head-differs'; readonly entries: number }
  /** A statement that isn't signed by our custody key for the entry it stands beside. */
  | { readonly finding: 'statement-unexplained'; readonly index: LedgerIndex; readonly kind: string }
  /** A row that isn't what its entry says, or an entry whose row is gone. */
  | {
      readonly finding: 'row-unexplained';
      readonly table: string;
      readonly row: string;
      readonly why: string;
    }
  /** The signer remembers less than what it has signed: its own state was rolled back. */
  | { readonly finding: 'signer-behind'; readonly entries: number; readonly known: number }
  /** What was published can't be read, isn't signed by our signer, or isn't all that the database has of it. */
  | { readonly finding: 'publication-differs' }
  /** All is well, and couldn't be kept outside the database. */
  | { readonly finding: 'not-published' };

/** What an operator is told. The data of customers is as it was in all of them: the cipher checks statements itself. */
export const AUDIT_CODES = {
  'rolled-back': 'LEDGER_BEHIND',
  'entry-rewritten': 'LEDGER_MISMATCH',
  'entry-missing': 'LEDGER_MISMATCH',
  'entry-beyond-head': 'LEDGER_MISMATCH',
  'head-differs': 'LEDGER_MISMATCH',
  'statement-unexplained': 'RECORD_UNEXPLAINED',
  'row-unexplained': 'RECORD_UNEXPLAINED',
  'signer-behind': 'LEDGER_MISMATCH',
  'publication-differs': 'LEDGER_MISMATCH',
  'not-published': 'INTERNAL',
} as const satisfies Record<AuditFinding['finding'], Code>;
