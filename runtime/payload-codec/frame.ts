import type { Payload } from '@temporalio/common';

/**
 * A whole payload as bytes, metadata and data: length of the metadata (4, big-endian), metadata as a JSON object of
 * base64 texts, data.
 */
export function framed({ metadata, data }: Payload): Uint8Array {
  const named = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(named)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  // Absent data is an empty list in a decoded protocol message.
  return Buffer.concat([length, header, Buffer.from(data ?? [])]);
}

/** The payload in it; `null` where there's none. */
export function unframed(bytes: Uint8Array): Payload | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 4) return null;
  const end = 4 + buffer.readUInt32BE(0);
  if (end > buffer.length) return null;
  const named: unknown = JSON.parse(buffer.toString('utf8', 4, end));
  if (named === null || typeof named !== 'object' || Array.isArray(named)) return null;
  const metadata = Object.fromEntries(
    Object.entries(named).map(([name, value]) => [
      name,
      new Uint8Array(Buffer.from(String(value), 'base64')),
    ]),
  );
  return { metadata, data: new Uint8Array(buffer.subarray(end)) };
}
