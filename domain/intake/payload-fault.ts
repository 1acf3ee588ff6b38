import type { RequestCode } from '../codes';

/**
 * What stands in the place of a payload that nobody may act on. It says where something was, what it looks like and
 * how long it is, and holds nothing of the content (invariant 7).
 */
export interface PayloadFault {
  /**
   * - `key-material`: the codec endpoint found it in what a person typed; it was never stored
   * - `malformed`: the codec endpoint was given something that isn't JSON; it was never stored
   * - `unsealed`: it came past the codec, so Temporal has stored it
   * - `key-unknown`: it says that it's sealed, under a key that this deployment doesn't have
   * - `damaged`: it says that it's sealed, and doesn't decrypt
   */
  readonly kind: 'key-material' | 'malformed' | 'unsealed' | 'key-unknown' | 'damaged';
  readonly field: string | null;
  readonly detector: string | null;
  /** Characters of the field where a detector hit; else bytes of the payload. */
  readonly length: number;
}

const MEMBER = 'smsk:payload-fault';
const KINDS: ReadonlySet<unknown> = new Set<PayloadFault['kind']>([
  'key-material',
  'malformed',
  'unsealed',
  'key-unknown',
  'damaged',
]);

/** The marker, as JSON: what a workflow gets instead of the content. `text` is for whoever reads it in the Temporal UI. */
export const markerOf = (fault: PayloadFault): Record<string, unknown> => ({
  [MEMBER]: { ...fault },
  text: faultText(fault),
});

/** The fault that a value is the marker of; `null`: it's an ordinary value. */
export function payloadFaultIn(value: unknown): PayloadFault | null {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, MEMBER)) return null;
  const { kind, field, detector, length } = ((value as Record<string, unknown>)[MEMBER] ?? {}) as Partial<
    Record<keyof PayloadFault, unknown>
  >;
  return {
    kind: KINDS.has(kind) ? (kind as PayloadFault['kind']) : 'damaged',
    field: typeof field === 'string' ? field : null,
    detector: typeof detector === 'string' ? detector : null,
    length: typeof length === 'number' ? length : 0,
  };
}

/** Whether Temporal has stored it as it came: then its history has to go. */
export const wasStored = ({ kind }: PayloadFault): boolean => kind !== 'key-material' && kind !== 'malformed';

/** What a message or a start with it is refused with. */
export function faultCode({ kind }: PayloadFault): RequestCode {
  switch (kind) {
    case 'key-material':
      return 'RAW_KEY_MATERIAL';
    case 'malformed':
      return 'INPUT_INVALID';
    case 'unsealed':
      return 'PAYLOAD_UNSEALED';
    case 'key-unknown':
    case 'damaged':
      return 'PAYLOAD_UNREADABLE';
    default: {
      const unknown: never = kind;
      throw new Error(`unknown ${String(unknown)}`);
    }
  }
}

/** What exactly, in our words. */
export function faultDetail({ kind, field, detector, length }: PayloadFault): string {
  if (detector !== null) return `${field ?? 'input'}: ${detector}, ${length} characters`;
  switch (kind) {
    case 'malformed':
      return 'input: must be one JSON value';
    case 'key-unknown':
      return `input: ${length} bytes under a codec key that isn’t configured`;
    case 'damaged':
      return `input: ${length} bytes that don’t decrypt`;
    case 'key-material':
    case 'unsealed':
      return `input: ${length} bytes`;
    default: {
      const unknown: never = kind;
      throw new Error(`unknown ${String(unknown)}`);
    }
  }
}

function faultText(fault: PayloadFault): string {
  switch (fault.kind) {
    case 'key-material':
      return `Not kept: this looked like key material (${faultDetail(fault)}).`;
    case 'malformed':
      return 'Not kept: this was not one JSON value.';
    case 'unsealed':
      return `Not shown: this came past the codec (${faultDetail(fault)}).`;
    case 'key-unknown':
    case 'damaged':
      return `Not readable (${faultDetail(fault)}).`;
    default: {
      const unknown: never = fault.kind;
      throw new Error(`unknown ${String(unknown)}`);
    }
  }
}
