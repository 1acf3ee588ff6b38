/** KMS speaks awsJson 1.1, STS and IAM speak awsQuery. */
export type Protocol = 'json' | 'query';

export type Service = 'kms' | 'sts' | 'iam';

export const protocolOf: Readonly<Record<Service, Protocol>> = { kms: 'json', sts: 'query', iam: 'query' };

export function isService(name: string): name is Service {
  return Object.hasOwn(protocolOf, name);
}
