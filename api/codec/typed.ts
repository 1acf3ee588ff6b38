import type { Payload } from '@temporalio/common';
import { findKeyMaterial } from '../../domain/intake/key-material';
import { type PayloadFault, payloadFaultIn } from '../../domain/intake/payload-fault';
import { encodingOf, marker, type SealContext, sealed } from '../../runtime/payload-codec';

/** What a person typed, sealed; or, where nobody should have typed it, a sealed marker that holds nothing of it. */
export function sealTyped(
  sealing: SealContext,
  typed: Payload,
): { payload: Payload; fault: PayloadFault | null } {
  const fault = faultOf(typed);
  // Of the metadata only what our workers' converter reads.
  const { encoding = new Uint8Array() } = typed.metadata ?? {};
  const payload = fault === null ? { metadata: { encoding }, data: typed.data ?? null } : marker(fault);
  return { payload: sealed(sealing, payload), fault };
}

const FAULT = { field: null, detector: null } as const;

function faultOf(typed: Payload): PayloadFault | null {
  const length = typed.data?.length ?? 0;
  const encoding = encodingOf(typed);
  if (encoding === 'binary/null' && length === 0) return null;
  const malformed: PayloadFault = { kind: 'malformed', ...FAULT, length };
  if (encoding !== 'json/plain') return malformed;
  try {
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(typed.data ?? undefined),
    );
    // The markers' own member is nobody's to type.
    if (payloadFaultIn(value) !== null) return malformed;
    const found = findKeyMaterial(value, 'input');
    return found === null ? null : { kind: 'key-material', ...found };
  } catch {
    // Not UTF-8, not JSON, or nested too deeply to be looked through.
    return malformed;
  }
}
