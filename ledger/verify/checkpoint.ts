import type { Head } from './consistency';
import { fromBase64, toBase64 } from './encoding';
import { NoteError, type VerifiedSignature, verifyNote } from './note';
import { HASH_BYTES, type VerifySuite } from './suite';
import type { VerifierKey } from './vkey';

/**
 * Checkpoints, https://c2sp.org/tlog-checkpoint: a log's head as a signed note, whose text is
 *
 *     <deployment>/<organization id>     the origin
 *     <size>                             decimal
 *     <root>                             base64 of 32 bytes
 *     mode production                    our one extension line; or "mode development"
 *
 * The ledger's first entry says the mode as well, so the extension line claims nothing that can't be audited.
 * The key that signs is named for the deployment: the standard would rather have one name per origin, but so a
 * single trusted line serves all of a deployment's logs. The origin is in the signed text in any case.
 */

export type LedgerMode = 'development' | 'production';

export interface Checkpoint extends Head {
  readonly origin: string;
  readonly mode: LedgerMode;
}

/** The origin of an organization's ledger: one log per deployment and immutable organization id. */
export function originOf(deployment: string, organization: string): string {
  return `${deployment}/${organization}`;
}

/** Whether a log of this origin is signed by the key of this name: its deployment's. */
export function isLogKey(key: VerifierKey, origin: string): boolean {
  return key.kind === 'ed25519' && origin.startsWith(`${key.name}/`);
}

/** The note's text. Inverse: {@link parseCheckpointText}. */
export function checkpointText({ origin, size, root, mode }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\nmode ${mode}\n`;
}

/** @throws NoteError MALFORMED unless {@link checkpointText} writes just this text for some checkpoint. */
export function parseCheckpointText(text: string): Checkpoint {
  const malformed = (why: string) => new NoteError('MALFORMED', `not a checkpoint: ${why}`);
  const [origin = '', decimal = '', encoded = '', extension = '', ...rest] = text.split('\n');
  const size = Number(decimal);
  const root = fromBase64(encoded);
  const [, mode] = /^mode (development|production)$/.exec(extension) ?? [];
  if (origin === '') throw malformed('no origin in its first line');
  if (!/^(0|[1-9]\d*)$/.test(decimal) || !Number.isSafeInteger(size))
    throw malformed('no size in its second line');
  if (root?.length !== HASH_BYTES) throw malformed('no root in its third line');
  if (mode !== 'development' && mode !== 'production') throw malformed('no mode in its fourth line');
  if (rest.length !== 1 || rest[0] !== '') throw malformed('more than four lines');
  return { origin, size, root, mode };
}

export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The log's own signature and any witness's; the log's always. */
  readonly verified: readonly VerifiedSignature[];
}

/**
 * Checks a checkpoint by trusted keys, of which one must be the log's own: its deployment's.
 * Witnesses' keys may be among them; their cosignatures come back with their times.
 * @throws NoteError as {@link verifyNote}; UNSIGNED also when only witnesses signed.
 */
export async function verifyCheckpoint(
  suite: VerifySuite,
  note: string,
  trusted: readonly VerifierKey[],
): Promise<VerifiedCheckpoint> {
  const { text, verified } = await verifyNote(suite, note, trusted);
  const checkpoint = parseCheckpointText(text);
  if (!verified.some(({ key }) => isLogKey(key, checkpoint.origin))) {
    throw new NoteError('UNSIGNED', `no signature by the log ${checkpoint.origin} itself`);
  }
  return { checkpoint, verified };
}
