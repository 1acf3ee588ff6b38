import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { ConnectionInput } from '../../../domain/connection';
import type { ProviderName } from '../../../domain/custody';
import type { OrganizationId } from '../../../domain/ids';
import { customerIn } from '../../../scripts/story/customer';
import { printedFor } from '../../../scripts/story/printed';
import type { World } from './world';

export interface BenchCustomer {
  readonly organization: OrganizationId;
  readonly externalId: string;
  /** What its admin enters. */
  readonly connection: ConnectionInput;
}

/** With what its administrator does to the key. `account`: its AWS account, or its Entra tenant. */
export interface BenchAdministrator extends BenchCustomer {
  readonly account: string;
  disableKey(): Promise<void>;
  enableKey(): Promise<void>;
  /** A new version at Azure, new material behind the same ARN at AWS. */
  rotateKey(): Promise<void>;
  close(): void;
}

/** A customer's account with that provider, and its key in it, set up with the very texts that we print. */
export async function benchCustomer(
  { provider, aws, azure, operator }: World,
  organization: OrganizationId,
  externalId: string,
): Promise<BenchAdministrator> {
  const name = `org-${randomBytes(6).toString('hex')}`;
  const customer = await customerIn({ aws, azure }, { name, provider, account: newAccount(provider) });
  const principalArn = operator.account.principal.arn;
  const { clientId } = operator.app;
  await customer.setUp(printedFor({ organization, externalId, principalArn, clientId }));
  return {
    ...{ organization, externalId, connection: customer.connection(), account: customer.account },
    disableKey: () => customer.disableKey(),
    enableKey: () => customer.enableKey(),
    rotateKey: () => customer.rotateKey(),
    close: () => customer.close(),
  };
}

/** An AWS account id, or the id of an Entra tenant. */
function newAccount(provider: ProviderName): string {
  return provider === 'aws-kms' ? String(randomInt(100_000_000_000, 900_000_000_000 - 1)) : randomUUID();
}
