import { z } from 'zod';
import { emailAddress } from '../domain/intake/fields';
import { MASTER_BYTES, webhookUrl } from '../domain/webhook';

const file = z.string().min(1);
/** Names one of our own in the ledger. */
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be up to 40 of a-z, 0-9, hyphen');
/** What one of our own hears of: every incident, or those that are for us to mend. */
const hears = z.enum(['all', 'ours']).default('all');

/** Telling people of incidents. */
export const notify = z.strictObject({
  /** 32 bytes in base64url: what the secrets of webhook endpoints are derived from. The API and the custody worker read it. */
  webhookKeyFile: file,
  /** The operator's mail relay; `null`: no mail is sent. */
  smtp: z
    .strictObject({
      host: z.string().min(1).max(253),
      port: z.int().min(1).max(65_535),
      tls: z.enum(['implicit', 'starttls']),
      user: z.string().min(1).max(254),
      passwordFile: file,
      from: emailAddress,
      /** Authorities (PEM) in place of the built-in ones. */
      caFile: file.nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Our own people. */
  operator: z
    .strictObject({
      mail: z
        .array(z.strictObject({ id, hears, address: emailAddress }))
        .max(20)
        .default([]),
      /** `secretFile`: as Standard Webhooks writes it, `whsec_…`. */
      webhooks: z
        .array(z.strictObject({ id, hears, url: webhookUrl, secretFile: file }))
        .max(20)
        .default([]),
    })
    .default({ mail: [], webhooks: [] }),
  /** Development only: `https://127.0.0.1:PORT` where all webhooks lead, and the authority (PEM) that is trusted there. */
  receiver: z.strictObject({ url: z.url(), caFile: file }).nullable().default(null),
});
export type Notify = z.infer<typeof notify>;

/**
 * The bytes in a webhook key file.
 * @throws Error for a text that isn't of its form, without a word of it
 */
export function webhookKey(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text || bytes.length !== MASTER_BYTES)
    throw new Error(`notify.webhookKeyFile must hold ${MASTER_BYTES} bytes in base64url`);
  return new Uint8Array(bytes);
}
