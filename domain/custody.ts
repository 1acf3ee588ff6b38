import type {
  ConnectionId,
  Epoch,
  Instant,
  KeyRef,
  KeyVersion,
  OperationId,
  OrganizationId,
  Sha256Hex,
} from './ids';

/** Who holds the key that unwraps an organization's workspace keys. */
export type Custody = 'platform' | 'customer';
export type ProviderName = 'aws-kms' | 'azure-key-vault';
/** What the status page says of an organization. */
export type Posture = 'normal' | 'warning' | 'degraded';
export type OperationKind = 'create' | 'rotate' | ApprovedKind;
/** Operations that people approve: each is planned by a dry-run, and carried out as the plan was signed. One is open at a time. */
export const APPROVED_KINDS = ['activate', 'change-connection', 'offboard'] as const;
export type ApprovedKind = (typeof APPROVED_KINDS)[number];
export const isApproved = (kind: OperationKind): kind is ApprovedKind =>
  kind !== 'create' && kind !== 'rotate';

/** Proof that a mutation belongs to the operation that may make it (DESIGN.md §5, "Fencing"). */
export interface Fence {
  readonly organization: OrganizationId;
  readonly operationId: OperationId;
  readonly epoch: Epoch;
}

/** One workspace key version, wrapped. Bytes are base64 where this crosses a process. */
export interface EnvelopeRecord {
  readonly organization: OrganizationId;
  readonly version: KeyVersion;
  readonly custody: Custody;
  /** `null` under platform custody. */
  readonly connectionId: ConnectionId | null;
  readonly wrapped: Uint8Array;
  readonly wrappedSha256: Sha256Hex;
  readonly keyRef: KeyRef;
  readonly checkValue: Sha256Hex;
  readonly operationId: OperationId;
  readonly epoch: Epoch;
  /** The signed statement about this envelope: a compact JWS. */
  readonly statement: string;
}

/** The row every encrypt and decrypt reads first. */
export interface CustodyRecord {
  readonly organization: OrganizationId;
  readonly custody: Custody;
  readonly epoch: Epoch;
  readonly currentVersion: KeyVersion;
  readonly connectionId: ConnectionId | null;
  /** `true` from the switch until the platform key is proved dead (DESIGN.md §5, (b) to (e)). */
  readonly sealing: boolean;
  /** The signed custody statement: a compact JWS. */
  readonly statement: string;
  readonly changedAt: Instant;
}
