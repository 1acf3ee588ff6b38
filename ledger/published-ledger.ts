import type { OrganizationId } from '../domain/ids';
import { type LedgerText, type Publication, PublicationUnusable } from '../domain/ports/publication';
import { nodeSuite } from './node/suite';
import { verifyCheckpoint } from './verify/checkpoint';
import type { Head } from './verify/consistency';
import { sameBytes, toUtf8 } from './verify/encoding';
import { append, EMPTY_FRONTIER, type Frontier, rootOf } from './verify/frontier';
import { NoteError } from './verify/note';
import { leafHash } from './verify/tree';
import type { VerifierKey } from './verify/vkey';

/** A ledger as it was published, proved to be the one that was signed. */
export interface PublishedLedger {
  readonly organization: OrganizationId;
  /** Lines from this index on, and the texts of these entries. */
  readonly from: number;
  readonly lines: readonly string[];
  readonly texts: ReadonlyMap<number, readonly LedgerText[]>;
  /** Of all entries, and the signed note over them. */
  readonly frontier: Frontier;
  readonly checkpoint: string;
  /** Root over the entries before `from`. */
  readonly rootBefore: Uint8Array;
  /** The organization's external id: entries name it by its digest. */
  readonly externalId: LedgerText | null;
}

/**
 * Reads all that was published of an organization, hashes it anew, and compares it with each signed head that stands
 * beside it.
 * @param from how many entries the reader has already
 * @throws PublicationUnusable where it isn't what our signer signed, or something of it is gone
 */
export async function readPublished(
  publication: Publication,
  organization: OrganizationId,
  { origin, log, from }: { readonly origin: string; readonly log: VerifierKey; readonly from: number },
): Promise<PublishedLedger> {
  let frontier = EMPTY_FRONTIER;
  let rootBefore = rootOf(nodeSuite, frontier);
  let checkpoint = '';
  let externalId: LedgerText | null = null;
  const lines: string[] = [];
  const texts = new Map<number, LedgerText[]>();
  for await (const part of publication.parts(organization)) {
    for (const line of part.lines.slice(frontier.size - part.from)) {
      if (frontier.size >= from) lines.push(line);
      frontier = append(nodeSuite, frontier, leafHash(nodeSuite, toUtf8(line)));
      if (frontier.size === from) rootBefore = rootOf(nodeSuite, frontier);
    }
    const head = { size: part.size, root: rootOf(nodeSuite, frontier) };
    if (frontier.size !== part.size || !(await isSigned(part.checkpoint, origin, head, log)))
      throw new PublicationUnusable(`what was published up to entry ${part.size} isn't what was signed`);
    checkpoint = part.checkpoint;
    for (const text of part.texts) {
      if (text.kind === 'external-id') externalId = text;
      if (text.index < from) continue;
      texts.set(text.index, [...(texts.get(text.index) ?? []), text]);
    }
  }
  return { organization, from, lines, texts, frontier, checkpoint, rootBefore, externalId };
}

async function isSigned(note: string, origin: string, head: Head, log: VerifierKey): Promise<boolean> {
  try {
    const { checkpoint } = await verifyCheckpoint(nodeSuite, note, [log]);
    return (
      checkpoint.origin === origin && checkpoint.size === head.size && sameBytes(checkpoint.root, head.root)
    );
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
