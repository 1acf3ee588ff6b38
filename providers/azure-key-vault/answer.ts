import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { RequestId } from '../../domain/ids';
import { requestIdOf } from '../../domain/intake/fields';
import { propertyOf, textOf } from '../calls/foreign-error';
import { foreignJson } from '../calls/foreign-json';

/**
 * What is read of a vault's answer. The SDK's own reading isn't used: it reports the key id that was asked for
 * instead of the one that answered, and takes a 200 without a value for success.
 */
export interface VaultAnswer {
  readonly kid: unknown;
  /** Decoded `value`; whoever gets it zeroes it. `null`: there is none. */
  readonly value: Uint8Array | null;
  /**
   * The id we sent with the request, once the vault itself has answered: `correlationId` of its AuditEvent row.
   * https://learn.microsoft.com/azure/key-vault/general/logging
   */
  readonly requestId: RequestId | null;
}

/** An answer other than 200, in what its cause is told by. Read by `classify.ts`, where it ends. */
export class VaultRefusal extends Error {
  override readonly name = 'VaultRefusal';
  constructor(
    readonly status: number,
    /** Outer and inner code of the error, `''` where there's none. */
    readonly code: string,
    readonly inner: string,
    /** The error's text, to split sub-causes by. */
    readonly says: string,
    /** Tenant that the challenge of a 401 names; compared, never used. */
    readonly challengedTenant: string | null,
    readonly requestId: RequestId | null,
  ) {
    super('the vault refused');
  }
}

/** @throws VaultRefusal unless the status is 200. */
export function answerOf(response: PipelineResponse): VaultAnswer {
  const body = foreignJson(response.bodyAsText ?? '');
  const requestId = requestIdOfExchange(response);
  if (response.status !== 200) {
    const error = propertyOf(body, 'error');
    throw new VaultRefusal(
      response.status,
      textOf(error, 'code'),
      textOf(propertyOf(error, 'innererror'), 'code'),
      textOf(error, 'message'),
      tenantOf(response.headers.get('www-authenticate') ?? ''),
      requestId,
    );
  }
  return { kid: propertyOf(body, 'kid'), value: bytesOf(propertyOf(body, 'value')), requestId };
}

/** A gateway in front of the vault answers without the vault's id; then no log has a row. */
function requestIdOfExchange({ request, headers }: PipelineResponse): RequestId | null {
  if (headers.get('x-ms-request-id') === undefined) return null;
  return requestIdOf(request.headers.get('x-ms-client-request-id'));
}

/** base64url without padding (RFC 7515 §2), as Key Vault writes values. */
function bytesOf(value: unknown): Uint8Array | null {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,4096}$/.test(value)
    ? Buffer.from(value, 'base64url')
    : null;
}

/** https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses */
const tenantOf = (challenge: string): string | null =>
  /\bauthorization(?:_uri)?="https:\/\/[a-z0-9.-]+\/([0-9a-f-]{36})[/"]/i
    .exec(challenge)?.[1]
    ?.toLowerCase() ?? null;
