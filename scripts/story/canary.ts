import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganizationId } from '../../domain/ids';
import type { AzureDoor } from '../../emulators/azure/door-client';
import { type Control, control } from '../../runtime/control';
import { awsCustomer, CUSTOMER_REGION } from './aws-customer';
import { azureCustomer } from './azure-customer';
import type { Advice, Emulators } from './customer';
import { type LetIn, printedFor } from './printed';

const NAME = 'operator-canary';
const ACCOUNT = '999900002222';
const TENANT = '99990000-2222-4222-8333-444455556666';

/** Our canary in an account and a tenant of its own, set up with the very texts that a customer gets. Idempotent. */
export async function setUpCanary(
  { aws, azure }: { readonly aws: Emulators['aws']; readonly azure: AzureDoor | null },
  folder: string,
  { principalArn, clientId }: LetIn,
): Promise<Control> {
  const file = join(folder, 'canary.json');
  if (existsSync(file)) return control.parse(JSON.parse(readFileSync(file, 'utf8')));
  const organization = randomUUID() as string as OrganizationId;
  const externalId = `smsk-${randomBytes(20).toString('hex')}`;
  const advice = printedFor({ organization, externalId, principalArn, clientId });
  const onAws = await awsCustomer(aws, { name: NAME, accountId: ACCOUNT });
  await onAws.setUp(advice);
  onAws.close();
  const { keyArn: key, roleArn } = onAws;
  const canary: Control = {
    organization,
    externalId,
    aws: { region: CUSTOMER_REGION, key, roleArn },
    azure: azure === null || clientId === null ? null : await onAzure(azure, advice, clientId),
  };
  writeFileSync(file, JSON.stringify(canary));
  return canary;
}

async function onAzure(
  door: AzureDoor,
  advice: Advice,
  clientId: string,
): Promise<NonNullable<Control['azure']>> {
  const customer = await azureCustomer(door, { name: NAME, tenantId: TENANT });
  await customer.setUp(advice);
  customer.close();
  return { tenantId: TENANT, key: customer.key(), clientId };
}
