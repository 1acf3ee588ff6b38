import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Thrown before a byte leaves. */
export class RequestNotAllowed extends Error {
  override readonly name = 'RequestNotAllowed';
  constructor() {
    super('this client may not send that request');
  }
}

/** One key of one vault, or one version of it. */
export interface KeyAddress {
  /** `https://<vault's host>`. */
  readonly endpoint: string;
  readonly name: string;
  /** `null`: whichever is the newest. */
  readonly version: string | null;
}

/**
 * Invariant 11: whatever an identity may do, the client that holds its token sends nothing but wrapKey and
 * unwrapKey of the one key. A policy, to stand last before the connection (`perRetry`).
 */
export function keyUseOnly({ endpoint, name, version }: KeyAddress): PipelinePolicy {
  // The SDK writes an absent version as an empty segment, and the hyphen of `api-version` as %2D.
  const key = version === null ? `/keys/${name}/?` : `/keys/${name}/${version}`;
  const target = new RegExp(`^${key}/(?:un)?wrapkey\\?api(?:-|%2D)version=[0-9A-Za-z.-]{1,32}$`);
  return {
    name: 'smskKeyUseOnly',
    sendRequest: (request, next) => {
      const { method, url } = request;
      const inside = url.startsWith(`${endpoint}/`) && target.test(url.slice(endpoint.length));
      if (method !== 'POST' || !inside) throw new RequestNotAllowed();
      return next(request);
    },
  };
}
