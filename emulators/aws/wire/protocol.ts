/** KMS and Secrets Manager speak awsJson 1.1, STS and IAM speak awsQuery. */
export type Protocol = 'json' | 'query';

export type Service = 'kms' | 'secretsmanager' | 'sts' | 'iam';

export const protocolOf: Readonly<Record<Service, Protocol>> = {
  kms: 'json',
  secretsmanager: 'json',
  sts: 'query',
  iam: 'query',
};

/** What `x-amz-target` begins with. */
export const targetOf = { kms: 'TrentService.', secretsmanager: 'secretsmanager.' } as const;

export function isService(name: string): name is Service {
  return Object.hasOwn(protocolOf, name);
}
