/**
 * Where what is published lies, a folder or a bucket: files by their names (`FOLDER/FILE`), none of which is ever changed
 * or taken away. Whatever keeps a method from its work for now is thrown as {@link PublicationAway}.
 */
export interface Archive {
  /** What lies directly in a folder (`''`: at the top), folders among it, sorted; only what sorts after `after`. */
  list(folder: string, after?: string): Promise<readonly string[]>;
  /**
   * `undefined`: there's nothing of that name.
   * @throws PublicationUnusable where it isn't what was put there
   */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all, durably. `present`: something of that name is there, and stays, whoever made it. */
  create(name: string, bytes: Uint8Array): Promise<'created' | 'present'>;
}

/**
 * The place of the publication can't be used now: trouble of our own, which says nothing of a ledger or a customer.
 * `why` is a code of ours, or the operating system's name of its error.
 */
export class PublicationAway extends Error {
  override readonly name = 'PublicationAway';
  constructor(readonly why: string) {
    super(`the place where ledgers are published can’t be used: ${why}`);
  }
}

/** What a log says of trouble with a publication: a name of ours, and why; nothing raw. */
export const troubleOf = (error: unknown): { readonly error: string; readonly why?: string } => ({
  error: error instanceof Error ? error.name : typeof error,
  ...(error instanceof PublicationAway ? { why: error.why } : {}),
});

/** An S3 bucket that the operator publishes into. */
export interface BucketPlace {
  readonly bucket: string;
  /** Before each name; `''`, or it ends in a slash. */
  readonly prefix: string;
  /** Each object is locked for so long (Object Lock, COMPLIANCE); `null`: as the bucket has it. */
  readonly retentionDays: number | null;
}
