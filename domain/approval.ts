import { z } from 'zod';
import { deploymentId, dryRunId, operationId, organizationId, sha256Hex, thumbprint } from './intake/fields';

/** JOSE `typ` of an approval by JWS; the other kind (a WebAuthn assertion) signs the same payload's SHA-256. */
export const APPROVAL_TYP = 'smsk-approval+jws';

/** What a customer admin signs: canonical JSON over exactly one plan. `exp`: seconds since 1970. */
export const approvalPayload = z.strictObject({
  type: z.literal('smsk-approval/v1'),
  deployment: deploymentId,
  org: organizationId,
  operationId,
  dryRunId,
  planDigest: sha256Hex,
  decision: z.enum(['approve', 'reject']),
  role: z.literal('customer-admin'),
  credentialId: thumbprint,
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
  exp: z.int().positive(),
});
export type ApprovalPayload = z.infer<typeof approvalPayload>;

/** An approval as it travels. A second kind is added here and in `authority/`, nowhere else. */
export const approvalEvidence = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('jws'),
    jws: z.string().max(16_384),
  }),
]);
export type ApprovalEvidence = z.infer<typeof approvalEvidence>;

/** A key that may approve. `publicJwk`: an Ed25519 public key (RFC 8037), canonical members only. */
export interface ApproverKey {
  readonly credentialId: string;
  readonly publicJwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
  readonly role: 'customer-admin';
  readonly enrolledAt: string;
  readonly removedAt: string | null;
  /** Signed word of the enrolled key that vouched for this one (compact JWS); absent for one that an order names. */
  readonly enrolment?: string;
}

export const approverPublicJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
