import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganizationId } from '../../domain/ids';
import { type AwsSetUpInput, awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../domain/set-up/aws';
import { type Control, control } from '../../runtime/control';
import { CUSTOMER_REGION, customerIn } from './customer';

const ACCOUNT = { name: 'operator-canary', accountId: '999900002222' };

/** Our canary in an account of its own, set up with the very policies that a customer gets. Idempotent. */
export async function setUpCanary(
  emulator: { url: string; controlToken: string },
  folder: string,
  ourPrincipal: string,
): Promise<Control> {
  const file = join(folder, 'canary.json');
  if (existsSync(file)) return control.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { keyArn: key, roleArn, paste } = await customerIn(emulator, ACCOUNT, null);
  const organization = randomUUID() as string as OrganizationId;
  const externalId = `smsk-${randomBytes(20).toString('hex')}`;
  const input: AwsSetUpInput = { organization, externalId, ourPrincipal, roleArn, key };
  await paste({
    trust: JSON.stringify(awsTrustPolicy(input)),
    role: JSON.stringify(awsRolePolicy(input)),
    key: JSON.stringify(awsKeyPolicy(input)),
  });
  const canary: Control = {
    organization,
    externalId,
    aws: { region: CUSTOMER_REGION, key, roleArn },
    azure: null,
  };
  writeFileSync(file, JSON.stringify(canary));
  return canary;
}
