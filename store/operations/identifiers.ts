/** Injected randomness: `bytes` random ones. */
export type Random = (bytes: number) => Uint8Array;

/** A version 4 UUID (RFC 9562 §5.4). */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What a customer's trust policy must demand of us: unguessable, and of AWS's grammar for external IDs. */
export function externalId(random: Random): string {
  return `smsk-${Buffer.from(random(20)).toString('hex')}`;
}
