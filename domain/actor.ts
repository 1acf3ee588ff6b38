import { z } from 'zod';
import { organizationName, sha256Hex } from './intake/fields';

export const ROLES = [
  'support',
  'customer-admin',
  'customer-auditor',
  'approver',
  'sre',
  'service',
  'commerce',
] as const;
export type Role = (typeof ROLES)[number];

/** Who did it, as the ledger keeps it. `temporal:unverified` is somebody in the Temporal UI. */
export interface Actor {
  readonly kind: Role | 'system' | 'temporal:unverified';
  readonly name: string;
}
export const SYSTEM: Actor = { kind: 'system', name: 'smsk' };
export const UNVERIFIED: Actor = { kind: 'temporal:unverified', name: 'temporal' };

/** JOSE `typ` of an actor token: signed by our API for one message, short-lived. */
export const ACTOR_TYP = 'smsk-actor+jwt';
export const actorClaims = z.strictObject({
  organization: organizationName,
  action: z.string().max(40),
  /** SHA-256 over the canonical form of the message without its `actor` member. */
  payloadDigest: sha256Hex,
  role: z.enum(ROLES),
  name: z.string().max(100),
  /** Names the request it was made for: an update's id, or fresh for a signal or a start. It counts once. */
  jti: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
  exp: z.int().positive(),
});
export type ActorClaims = z.infer<typeof actorClaims>;

/** Which roles may do what; `temporal:unverified` may do what DESIGN.md §5 leaves it. */
export const WHO_MAY = {
  createOrganization: ['support'],
  startActivation: ['support', 'customer-admin', 'temporal:unverified'],
  submitConnection: ['customer-admin'],
  runVerification: ['customer-admin', 'support', 'temporal:unverified'],
  launchDryRun: ['support', 'customer-admin'],
  reviewDryRun: ['support'],
  // The decision itself is authorized by the customer's signature, whoever carries it.
  approve: ['customer-admin', 'support', 'temporal:unverified'],
  reject: ['customer-admin', 'support', 'temporal:unverified'],
  launchLive: ['support', 'customer-admin'],
  recordHandoff: ['support'],
  cancel: ['support', 'customer-admin'],
  checkDrift: ['support', 'customer-admin', 'sre', 'temporal:unverified'],
  probeNow: ['support', 'customer-admin', 'sre', 'temporal:unverified'],
  acknowledge: ['support', 'customer-admin', 'sre', 'temporal:unverified'],
  annotate: ['support', 'customer-admin', 'sre'],
  startConnectionChange: ['support', 'customer-admin'],
  // One that is due needs nobody: the store says that it is (`activities/rotation/claim.ts`).
  startRotation: ['support', 'customer-admin'],
  // Also the customer's signature is needed, and the approver is another person than whoever started it.
  startOffboarding: ['support'],
  approveOffboarding: ['approver'],
  submitOrder: ['commerce', 'support'],
  enrolApprover: ['customer-admin', 'support'],
  // Each step by another person (`domain/credential-reference.ts`).
  registerReference: ['support', 'sre'],
  confirmReference: ['support', 'sre'],
  withdrawReference: ['support', 'sre'],
  readReferences: ['support', 'sre', 'customer-admin', 'customer-auditor'],
  manageEndpoints: ['customer-admin'],
  readNotices: ['customer-admin', 'customer-auditor', 'support', 'sre'],
  // Authorized by the customer's signature, whoever carries it.
  declareMaintenance: ['customer-admin', 'support'],
  readStatus: ['support', 'customer-admin', 'customer-auditor', 'approver', 'sre', 'service'],
  // What is kept of ledgers outside the database, and what was found of them, is the operator's own affair.
  readAudit: ['support', 'sre'],
  runAudit: ['support', 'sre'],
  readLedger: ['support', 'customer-admin', 'customer-auditor', 'sre'],
  useCipher: ['service'],
  /** Through the codec endpoint. */
  readPayloads: ['support', 'sre'],
} as const satisfies Record<string, readonly Actor['kind'][]>;
export type Permission = keyof typeof WHO_MAY;

export const may = (kind: Actor['kind'], permission: Permission): boolean =>
  (WHO_MAY[permission] as readonly Actor['kind'][]).includes(kind);
