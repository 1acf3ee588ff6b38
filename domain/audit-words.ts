import type { AuditFinding } from './audit';

/** What an operator is told of a finding: what it means, and what to do. */
interface Words {
  readonly text: string;
  readonly remedy: string;
}

const KEEP = 'Stop the processes, keep the database as it is, and fetch security.';

export const AUDIT_WORDS = {
  'rolled-back': {
    text: 'The database is shorter than what was signed or published: an older backup was put in place.',
    remedy: 'Stop the processes and run smsk-restore.',
  },
  'entry-rewritten': {
    text: 'The entries aren’t those that were signed or published.',
    remedy: `${KEEP} What was published has each entry as it was.`,
  },
  'entry-missing': { text: 'An entry is gone.', remedy: `${KEEP} What was published has it.` },
  'entry-beyond-head': {
    text: 'A row stands past the ledger’s end, and could pass for an entry.',
    remedy: 'Find out who wrote it; remove it as the owner.',
  },
  'head-differs': {
    text: 'The entries aren’t those of the head that the database keeps.',
    remedy: KEEP,
  },
  'statement-unexplained': {
    text: 'A statement wasn’t signed by our custody key for its entry. The cipher refuses it.',
    remedy: 'Find out who wrote it.',
  },
  'row-unexplained': {
    text: 'A row isn’t what its entry says, or its entry or row is gone.',
    remedy: 'Find out who wrote it, and fetch security. Never mend it by hand.',
  },
  'signer-behind': {
    text: 'The signer’s own state was put back: it would sign another history.',
    remedy: 'Stop the signer; put its newest state in place.',
  },
  'publication-differs': {
    text: 'What was published can’t be read, isn’t signed by our signer, or isn’t all that the database has of it.',
    remedy: 'Compare it with its own versions or backups; find out who can write to it.',
  },
  'not-published': {
    text: 'The ledger is well, and couldn’t be published: storage, or the signer, is away.',
    remedy: 'Mend it; the next audit publishes.',
  },
} as const satisfies Readonly<Record<AuditFinding['finding'], Words>>;
