/**
 * A row of a vault's diagnostic log, category AuditEvent, as a storage account or an event hub gets it:
 * https://learn.microsoft.com/azure/key-vault/general/logging
 * plus `sequence`, which grows by at least one from row to row and is taken in the same synchronous step as the
 * authorization decision, or the change, that the row is about.
 */
export interface AuditRow {
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly category: 'AuditEvent';
  /** Upper-case. */
  readonly resourceId: string;
  readonly operationName: string;
  /** The request's `api-version`. */
  readonly operationVersion: string;
  readonly resultType: 'Success' | 'Failed';
  /** The HTTP status in words: `OK`, `Forbidden`. */
  readonly resultSignature: string;
  readonly resultDescription: string;
  readonly durationMs: string;
  readonly callerIpAddress: string;
  /** The client's `x-ms-client-request-id`, or else the `x-ms-request-id` of the answer. */
  readonly correlationId: string;
  readonly identity: { readonly claim?: Readonly<Record<string, string>> };
  readonly properties: AuditProperties;
}

export interface AuditProperties {
  readonly clientInfo: string;
  readonly requestUri: string;
  readonly httpStatusCode: number;
  /** Identifier of the vault, key or key version. */
  readonly id?: string;
  readonly algorithm?: string;
  /** Of an injected error. */
  readonly injectedFault?: string;
}
