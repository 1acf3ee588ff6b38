/** KMS and Secrets Manager speak awsJson 1.1, STS and IAM awsQuery, S3 restXml. */
export type Protocol = 'json' | 'query' | 'xml';

export type Service = 'kms' | 'secretsmanager' | 'sts' | 'iam' | 's3';

export const protocolOf: Readonly<Record<Service, Protocol>> = {
  kms: 'json',
  secretsmanager: 'json',
  sts: 'query',
  iam: 'query',
  s3: 'xml',
};

/** What `x-amz-target` begins with. */
export const targetOf = { kms: 'TrentService.', secretsmanager: 'secretsmanager.' } as const;

export function isService(name: string): name is Service {
  return Object.hasOwn(protocolOf, name);
}
