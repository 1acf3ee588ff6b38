import type { Payload } from '@temporalio/common';
import { z } from 'zod';

/** Payloads as the codec server protocol has them: protocol JSON, so bytes are base64. */
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'must be base64');
export const payloadsShape = z
  .object({
    payloads: z
      .array(z.object({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() }))
      .max(2_000),
  })
  .meta({ id: 'Payloads' });
export type PayloadsJson = z.infer<typeof payloadsShape>;
export type PayloadJson = PayloadsJson['payloads'][number];

export const payloadOf = ({ metadata = {}, data = '' }: PayloadJson): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, bytesOf(value)])),
  data: bytesOf(data),
});

export const jsonOf = ({ metadata, data }: Payload): PayloadJson => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, textOf(value)])),
  data: textOf(data),
});

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');
const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
