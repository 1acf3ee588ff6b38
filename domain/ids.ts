/**
 * Branded ids: two ids of different things don't mix. Each is made by its parser (`domain/intake/fields.ts`)
 * or by the one place that mints it; inside, they are trusted.
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Immutable id of an organization: a UUID. Orders, statements and ledger origins name this, never the name. */
export type OrganizationId = Branded<string, 'OrganizationId'>;
/** What people type: `acme`. Unique, never reused. */
export type OrganizationName = Branded<string, 'OrganizationName'>;
/** The operator's installation, e.g. `novantra-eu`. Audience of orders, prefix of ledger origins. */
export type DeploymentId = Branded<string, 'DeploymentId'>;
/** One run of create / activate / rotate / change-connection / offboard: a UUID fixed before its first side effect. */
export type OperationId = Branded<string, 'OperationId'>;
export type ConnectionId = Branded<string, 'ConnectionId'>;
export type DryRunId = Branded<string, 'DryRunId'>;
/** Grows by one with every claim of an operation in an organization; a smaller one is stale. */
export type Epoch = Branded<number, 'Epoch'>;
/** Version of a workspace key: 1, 2, … */
export type KeyVersion = Branded<number, 'KeyVersion'>;
/** The provider's own immutable name of a key: an AWS key ARN, an Azure versioned `kid`. */
export type KeyRef = Branded<string, 'KeyRef'>;
/** 64 lower-case hex digits. */
export type Sha256Hex = Branded<string, 'Sha256Hex'>;
/** 0-based position of an entry in its organization's ledger. */
export type LedgerIndex = Branded<number, 'LedgerIndex'>;
/** RFC 7638 JWK thumbprint (SHA-256, base64url): names an approval key. */
export type Thumbprint = Branded<string, 'Thumbprint'>;
/** A provider's request id that matched the grammar (≤ 64 characters). */
export type RequestId = Branded<string, 'RequestId'>;
/** UTC, ISO 8601 with milliseconds and `Z`. */
export type Instant = Branded<string, 'Instant'>;
/** An incident's number in its deployment: decimal digits. Its ledger entries carry it. */
export type IncidentId = Branded<string, 'IncidentId'>;
/** A webhook endpoint that an organization registered: a UUID. */
export type EndpointId = Branded<string, 'EndpointId'>;
/** Somebody who is told of incidents, by a name that says nothing about them (`domain/recipient.ts`). */
export type RecipientId = Branded<string, 'RecipientId'>;
/** Compact JWS (RFC 7515 §7.1). */
export type Jws = Branded<string, 'Jws'>;

export const instantOf = (ms: number): Instant => new Date(ms).toISOString() as Instant;
export const msOf = (instant: Instant): number => Date.parse(instant);
