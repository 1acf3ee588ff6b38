import type { Answer } from '../../loopback/wire';

/** OAuth 2.0 error names that Entra answers with. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_resource'
  | 'invalid_tenant'
  | 'unauthorized_client'
  | 'unsupported_grant_type';

/** A refusal as Entra words it: an OAuth error, and its own number, which clients shouldn't branch on. */
export class EntraError extends Error {
  constructor(
    readonly oauth: OAuthError,
    /** AADSTS number. */
    readonly number: number,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = 'EntraError';
  }
}

/** Ids that an answer bears: ours, and the caller's `client-request-id`, or one we made. */
export interface Traced {
  readonly traceId: string;
  readonly correlationId: string;
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export function refusalAnswer(error: EntraError, traced: Traced, nowMs: number, loginHost: string): Answer {
  const timestamp = `${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const { traceId, correlationId } = traced;
  return {
    status: error.status,
    errorCode: `AADSTS${error.number}`,
    headers: entraHeaders(traced),
    body: JSON.stringify({
      error: error.oauth,
      error_description: `AADSTS${error.number}: ${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [error.number],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://${loginHost}/error?code=${error.number}`,
    }),
  };
}

export function entraHeaders({ traceId, correlationId }: Traced): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store, no-cache',
    pragma: 'no-cache',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': traceId,
    'client-request-id': correlationId,
  };
}
