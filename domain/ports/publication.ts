import type { LedgerIndex, OrganizationId } from '../ids';

/**
 * What an entry names by its digest: signed texts, wrapped keys (base64), and the like, each with its entry's index. With
 * the entries it is all that a restore needs, and nothing of it is secret: keys are wrapped.
 */
export interface LedgerText {
  readonly index: LedgerIndex;
  readonly kind: string;
  readonly text: string;
}

/** An organization's ledger from `from` up to, not including, `size`. */
export interface PublishedPart {
  readonly organization: OrganizationId;
  readonly from: number;
  readonly size: number;
  /** `frontierToBytes` of the first `size` entries: where the next audit begins. */
  readonly frontier: Uint8Array;
  /** The signed note over the first `size` entries. */
  readonly checkpoint: string;
  readonly texts: readonly LedgerText[];
  readonly lines: readonly string[];
}

/**
 * Where ledgers are kept outside the database, so that whoever can rewrite the database, or restores an old backup of
 * it, leaves a trace. What was published is only ever added to.
 */
export interface Publication {
  /** Of which something was published. */
  organizations(): Promise<readonly OrganizationId[]>;
  /**
   * The part that goes furthest, without its lines; `null`: nothing was published yet.
   * @throws PublicationUnusable
   */
  latest(
    organization: OrganizationId,
  ): Promise<Pick<PublishedPart, 'size' | 'frontier' | 'checkpoint'> | null>;
  /** Whole or not at all, durably; a part of that size that is there already stays. */
  publish(part: PublishedPart): Promise<void>;
  /**
   * All that was published, from the first entry on, in as few parts as there are; one may begin before the one before it
   * ends.
   * @throws PublicationUnusable also where entries between two are missing
   */
  parts(organization: OrganizationId): AsyncIterable<PublishedPart>;
  /**
   * Puts what many parts hold, once it is much, into a longer one, which is read in their place from then on; they stay.
   * @throws PublicationUnusable
   */
  bind(organization: OrganizationId): Promise<void>;
  /** Keeps what an audit found, once however often it finds the same. */
  report(organization: OrganizationId, findings: readonly object[]): Promise<void>;
}

/** Something is there, and isn't what we write. */
export class PublicationUnusable extends Error {
  override readonly name = 'PublicationUnusable';
}
