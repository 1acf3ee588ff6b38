import { keyNameToken } from '../../domain/connection';
import type { OrganizationId } from '../../domain/ids';
import { awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../domain/set-up/aws';
import { azureSetUp } from '../../domain/set-up/azure';
import type { Advice } from './customer';

/** Whom a customer lets in: our principal at AWS, our app at Azure. */
export interface LetIn {
  readonly principalArn: string;
  readonly clientId: string | null;
}

interface PrintedFor extends LetIn {
  readonly organization: OrganizationId;
  readonly externalId: string;
}

/** What our API prints for an organization, without the API. */
export function printedFor({ organization, externalId, principalArn, clientId }: PrintedFor): Advice {
  return {
    aws: async ({ key, roleArn }) => {
      const input = { organization, externalId, ourPrincipal: principalArn, roleArn, key };
      return {
        trustPolicy: awsTrustPolicy(input),
        rolePolicy: awsRolePolicy(input),
        keyPolicy: awsKeyPolicy(input),
      };
    },
    azureKeyName: async () => keyNameToken(externalId),
    azure: async ({ key, tenantId }) => {
      if (clientId === null) throw new Error('there is no app to let in');
      const app = { owner: 'operator', clientId, shared: true } as const;
      const { roleDefinition } = azureSetUp({ externalId, tenantId, key, app, egressRanges: [] });
      return { clientId, roleDefinition };
    },
  };
}
