import { z } from 'zod';

/** An entry that was written for a request, or found written. */
export const recordedShape = z
  .object({
    index: z.int().describe('Position in the organization’s ledger'),
    at: z.string(),
    replayed: z.boolean().describe('true: it was on record already, and nothing changed'),
  })
  .meta({ id: 'Recorded' });
export type Recorded = z.infer<typeof recordedShape>;

export const orderAcceptedShape = z.object({
  orderRef: z.string(),
  seq: z.int(),
  kind: z.enum(['order', 'withdrawal']),
  expiresAt: z.string(),
  recorded: recordedShape,
});
export type OrderAccepted = z.infer<typeof orderAcceptedShape>;

export const approverShape = z
  .object({
    credentialId: z.string().describe('RFC 7638 thumbprint of the public key'),
    publicJwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
    role: z.string(),
    enrolledAt: z.string(),
    removedAt: z.string().nullable(),
  })
  .meta({ id: 'Approver' });
export type ApproverView = z.infer<typeof approverShape>;

export const approversShape = z.object({
  deployment: z.string(),
  organizationId: z.uuid(),
  approvers: z.array(approverShape),
});
export type Approvers = z.infer<typeof approversShape>;

export const enrolledShape = z.object({
  action: z.enum(['enrol', 'remove']),
  credentialId: z.string(),
  recorded: recordedShape.nullable().describe('null: it was so already, and nothing changed'),
});
export type Enrolled = z.infer<typeof enrolledShape>;

export const ledgerPageShape = z
  .object({
    size: z.int(),
    entries: z.array(
      z.object({
        index: z.int(),
        entry: z.string().describe('Canonical JSON: the leaf is exactly these UTF-8 bytes'),
      }),
    ),
    next: z.int().nullable().describe('`from` of the next page'),
  })
  .meta({ id: 'LedgerPage' });
export type LedgerPage = z.infer<typeof ledgerPageShape>;

export const checkpointShape = z.object({ size: z.int(), note: z.string().describe('C2SP tlog-checkpoint') });

export const evidenceShape = z
  .object({ files: z.record(z.string(), z.string()).describe('File name → content, UTF-8') })
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof evidenceShape>;
