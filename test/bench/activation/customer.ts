import { randomInt } from 'node:crypto';
import type { OrganizationId } from '../../../domain/ids';
import { awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { awsCustomer, CUSTOMER_REGION } from '../../../scripts/story/aws-customer';
import type { World } from './world';

export interface BenchCustomer {
  readonly organization: OrganizationId;
  readonly externalId: string;
  readonly region: string;
  readonly roleArn: string;
  readonly keyArn: string;
}

/** A customer's account with its key and role, as our printed policies have them. */
export async function benchCustomer(
  { aws, config }: World,
  organization: OrganizationId,
  externalId: string,
): Promise<BenchCustomer> {
  const accountId = String(randomInt(100_000_000_000, 900_000_000_000 - 1));
  const { keyArn, roleArn, paste } = await awsCustomer(aws, { name: organization, accountId });
  const input = { organization, externalId, ourPrincipal: config.aws.identity.arn, roleArn, key: keyArn };
  await paste({
    trustPolicy: awsTrustPolicy(input),
    rolePolicy: awsRolePolicy(input),
    keyPolicy: awsKeyPolicy(input),
  });
  return { organization, externalId, region: CUSTOMER_REGION, roleArn, keyArn };
}
