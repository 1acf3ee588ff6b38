import type { Payload, PayloadCodec } from '@temporalio/common';
import { findKeyMaterial, type KeyMaterial } from '../../domain/intake/key-material';
import { markerOf, type PayloadFault } from '../../domain/intake/payload-fault';
import { framed, unframed } from './frame';
import { open, type SealContext, seal } from './seal';

/** Our mark: the encoding of a payload that one of our processes, or the codec endpoint, has sealed. */
export const SEALED_ENCODING = 'binary/smsk-sealed';
const ENCODING = 'encoding';
const KEY_ID = 'smsk-key-id';

/** What a workflow's own converter can read: anything else in its place would jam the workflow's task. */
const READABLE: ReadonlySet<string> = new Set(['json/plain', 'binary/plain', 'binary/null']);
/** So much of a payload that came past the codec is looked at, in bytes. */
const LOOKED_AT = 262_144;

/**
 * Temporal's payload codec: in the data converter of each of our clients and workers. Inputs, results, updates,
 * signals, queries, memo, summaries and failure details leave sealed; search attributes and headers don't pass a codec.
 *
 * What comes back without our mark, or doesn't decrypt, becomes a marker ({@link markerOf}) in its place: it must
 * not be acted on, and throwing here would jam the workflow that it was sent to.
 */
export function createPayloadCodec(context: SealContext): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => sealed(context, payload)),
    decode: async (payloads) => payloads.map((payload) => opened(context, payload)),
  };
}

export function sealed(context: SealContext, payload: Payload): Payload {
  const { keyId, bytes } = seal(context, 'payload', framed(payload));
  return { metadata: { [ENCODING]: utf8(SEALED_ENCODING), [KEY_ID]: utf8(keyId) }, data: bytes };
}

/** A marker in a fault's place, as our own payload. */
export const marker = (fault: PayloadFault): Payload => ({
  metadata: { [ENCODING]: utf8('json/plain') },
  data: utf8(JSON.stringify(markerOf(fault))),
});

function opened(context: SealContext, payload: Payload): Payload {
  try {
    if (encodingOf(payload) !== SEALED_ENCODING) return marker(unsealed(payload));
    const keyId = textOf(payload.metadata?.[KEY_ID]);
    const bytes = Buffer.from(payload.data ?? []);
    const plaintext = open(context, 'payload', { keyId, bytes });
    if (typeof plaintext === 'string') return marker(unreadable(plaintext, payload));
    const inner = unframed(plaintext);
    return inner !== null && READABLE.has(encodingOf(inner)) ? inner : marker(unreadable('damaged', payload));
  } catch {
    return marker(unreadable('damaged', payload));
  }
}

export const encodingOf = ({ metadata }: Payload): string => textOf(metadata?.[ENCODING]);

/** A payload that came past the codec, and whether it holds what nobody should send. */
function unsealed({ data }: Payload): PayloadFault {
  const found = looked(textOf(data?.subarray(0, LOOKED_AT)));
  return {
    kind: 'unsealed',
    field: found?.field ?? null,
    detector: found?.detector ?? null,
    length: found?.length ?? data?.length ?? 0,
  };
}

function looked(text: string): KeyMaterial | null {
  try {
    return findKeyMaterial(JSON.parse(text), 'input');
  } catch {
    // No JSON, or nested too deeply to be walked.
    return findKeyMaterial(text, 'input');
  }
}

const unreadable = (kind: 'key-unknown' | 'damaged', payload: Payload): PayloadFault => ({
  kind,
  field: null,
  detector: null,
  length: payload?.data?.length ?? 0,
});

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null | undefined): string => new TextDecoder().decode(bytes ?? undefined);
