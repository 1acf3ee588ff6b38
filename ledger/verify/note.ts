import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { fromBase64, toBase64, toUtf8 } from './encoding';
import type { VerifySuite } from './suite';
import { isKeyName, type VerifierKey } from './vkey';

/**
 * Signed notes, https://c2sp.org/signed-note:
 *
 *     text, ending in a newline
 *     (an empty line)
 *     — <key name> <base64(key id, 4 bytes ‖ signature)>
 *     …one such line per signature
 */

export interface NoteSignature {
  readonly name: string;
  /** 8 lower-case hex digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What's signed, its final newline included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature that was checked. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** POSIX seconds, for a cosignature. */
  readonly timestamp?: number;
}

export interface VerifiedNote {
  readonly text: string;
  /** At least one; each key once. */
  readonly verified: readonly VerifiedSignature[];
}

/** Why a note isn't to be believed. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
  constructor(
    readonly code: 'MALFORMED' | 'UNSIGNED' | 'BAD_SIGNATURE',
    message: string,
  ) {
    super(message);
  }
}

const MAX_CHARACTERS = 1_000_000;
const MAX_SIGNATURES = 100;

/**
 * Takes a note apart; believes nothing. Inverse: {@link formatNote}.
 * @throws NoteError MALFORMED.
 */
export function parseNote(note: string): Note {
  const malformed = (why: string) => new NoteError('MALFORMED', `not a signed note: ${why}`);
  if (note.length > MAX_CHARACTERS) throw malformed(`more than ${MAX_CHARACTERS} characters`);
  if (/[^\P{Cc}\n\u007f-\u009f]|\p{Surrogate}/u.test(note))
    throw malformed('control characters or not Unicode');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw malformed('no empty line before the signatures');
  const lines = note.slice(split + 2).split('\n');
  if (lines.pop() !== '') throw malformed('the last line has no newline');
  if (lines.length === 0) throw malformed('no signatures');
  if (lines.length > MAX_SIGNATURES) throw malformed(`more than ${MAX_SIGNATURES} signatures`);
  const signatures = lines.map((line) => {
    const [, name = '', encoded = ''] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (!isKeyName(name) || bytes === undefined || bytes.length < 5)
      throw malformed('a broken signature line');
    return { name, keyId: bytesToHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
  });
  return { text: note.slice(0, split + 1), signatures };
}

/** @throws NoteError MALFORMED if the result isn't a note. Inverse: {@link parseNote}. */
export function formatNote(note: Note): string {
  const lines = note.signatures.map(({ name, keyId, signature }) => {
    return `— ${name} ${toBase64(Uint8Array.of(...hexToBytes(keyId), ...signature))}\n`;
  });
  const text = `${note.text}\n${lines.join('')}`;
  if (parseNote(text).text !== note.text) throw new NoteError('MALFORMED', 'a note text ends in a newline');
  return text;
}

/**
 * Checks a note by trusted keys. Signatures by other keys are ignored, as the standard demands.
 * @throws NoteError MALFORMED; BAD_SIGNATURE if one by a trusted key is wrong; UNSIGNED if there is none.
 */
export async function verifyNote(
  suite: VerifySuite,
  note: string,
  trusted: readonly VerifierKey[],
): Promise<VerifiedNote> {
  const { text, signatures } = parseNote(note);
  const verified: VerifiedSignature[] = [];
  for (const { name, keyId, signature } of signatures) {
    const key = trusted.find((k) => k.name === name && k.keyId === keyId);
    if (key === undefined || verified.some((v) => v.key === key)) continue;
    const signed = signedMessage(key, text, signature);
    const good = signed && (await suite.verifyEd25519(key.publicKey, signed.message, signed.signature));
    if (!good) throw new NoteError('BAD_SIGNATURE', `the signature by ${name}+${keyId} is wrong`);
    verified.push({ key, ...(signed.timestamp === undefined ? {} : { timestamp: signed.timestamp }) });
  }
  if (verified.length === 0) throw new NoteError('UNSIGNED', 'no signature by a trusted key');
  return { text, verified };
}

interface SignedMessage {
  message: Uint8Array;
  signature: Uint8Array;
  timestamp?: number;
}

function signedMessage(key: VerifierKey, text: string, signature: Uint8Array): SignedMessage | undefined {
  switch (key.kind) {
    case 'ed25519':
      return { message: toUtf8(text), signature };
    case 'cosignature': {
      if (signature.length !== 72) return undefined;
      const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      const timestamp = Number(seconds);
      return { message: cosignedMessage(text, timestamp), signature: signature.subarray(8), timestamp };
    }
    default:
      return key.kind satisfies never;
  }
}

/** What a witness signs: the checkpoint's text under a header and a time (C2SP tlog-cosignature). */
export function cosignedMessage(text: string, timestamp: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timestamp}\n${text}`);
}
