import { z } from 'zod';
import { approvalEvidence } from './approval';
import type { Epoch, KeyRef, KeyVersion, LedgerIndex } from './ids';
import { connectionId, jws, operationId, organizationId, sha256Hex } from './intake/fields';

/** JOSE `typ` values of what the custody signer signs. */
export const STATEMENT_TYPS = {
  envelope: 'smsk-envelope+jws',
  custody: 'smsk-custody+jws',
  sealed: 'smsk-platform-sealed+jws',
  offboarded: 'smsk-offboarded+jws',
} as const;
export type StatementKind = keyof typeof STATEMENT_TYPS;

const positive = <T>() =>
  z
    .int()
    .positive()
    .transform((n) => n as unknown as T);
const index = z
  .int()
  .nonnegative()
  .transform((n) => n as unknown as LedgerIndex);
const custody = z.enum(['platform', 'customer']);
const keyRef = z
  .string()
  .max(256)
  .transform((text) => text as unknown as KeyRef);

/** Signed description of one envelope: without it, or with another, the cipher calls no provider. */
export const envelopeStatement = z.strictObject({
  type: z.literal('smsk-envelope/v1'),
  organization: organizationId,
  version: positive<KeyVersion>(),
  custody,
  connectionId: connectionId.nullable(),
  wrappedSha256: sha256Hex,
  checkValue: sha256Hex,
  keyRef,
  operationId,
  epoch: positive<Epoch>(),
  ledgerIndex: index,
});
export type EnvelopeStatement = z.infer<typeof envelopeStatement>;

/**
 * Signed description of an organization's custody: which envelopes are live, under which connection. The row
 * beside it only says the same in columns; where they differ, the row is forged.
 */
export const custodyStatement = z.strictObject({
  type: z.literal('smsk-custody/v1'),
  organization: organizationId,
  custody,
  epoch: positive<Epoch>(),
  currentVersion: positive<KeyVersion>(),
  connectionId: connectionId.nullable(),
  connectionDigest: sha256Hex.nullable(),
  /** The key every live envelope is unwrapped with must be this one. */
  keyRef,
  /** Key version → SHA-256 of its live envelope. */
  envelopes: z.record(z.string().regex(/^[1-9]\d{0,9}$/), sha256Hex),
  operationId,
  ledgerIndex: index,
});
export type CustodyStatement = z.infer<typeof custodyStatement>;

/** Signed word that the platform key refused: from its existence on the cipher refuses `platform` custody. */
export const sealedStatement = z.strictObject({
  type: z.literal('smsk-platform-sealed/v1'),
  organization: organizationId,
  platformKeyRef: keyRef,
  operationId,
  epoch: positive<Epoch>(),
  ledgerIndex: index,
});
export type SealedStatement = z.infer<typeof sealedStatement>;

/**
 * Signed word that both sides approved the return to platform custody: the only one by which the cipher takes `platform`
 * custody after a platform-sealed statement, and only together with the custody statement of the same switch.
 */
export const offboardedStatement = z.strictObject({
  type: z.literal('smsk-offboarded/v1'),
  organization: organizationId,
  /** The new platform key: the one that custody is under from this switch on. */
  platformKeyRef: keyRef,
  planDigest: sha256Hex,
  /** What the customer signed. */
  customerApproval: approvalEvidence,
  /** Our API's signed word for the member of staff who approved it (compact JWS). */
  operatorApproval: jws,
  operationId,
  epoch: positive<Epoch>(),
  ledgerIndex: index,
});
export type OffboardedStatement = z.infer<typeof offboardedStatement>;

export type Statement = EnvelopeStatement | CustodyStatement | SealedStatement | OffboardedStatement;
