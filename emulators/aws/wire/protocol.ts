/** KMS speaks awsJson 1.1, STS and IAM speak awsQuery. */
export type Protocol = 'json' | 'query';

export type Service = 'kms' | 'sts' | 'iam';

export const protocolOf: Readonly<Record<Service, Protocol>> = { kms: 'json', sts: 'query', iam: 'query' };

export function isService(name: string): name is Service {
  return Object.hasOwn(protocolOf, name);
}

/** A request after its body has been read. Header names are lower-case, as node:http gives them. */
export interface WireRequest {
  readonly method: string;
  /** Path and query string, exactly as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

export function header(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
