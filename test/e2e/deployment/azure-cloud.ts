import { randomUUID } from 'node:crypto';
import type { KeyRef } from '../../../domain/ids';
import type { AuditRow } from '../../../emulators/azure/trail/row';
import { bind } from '../../../providers/azure-key-vault/bound-key';
import { type AzureCustomer, azureCustomer } from '../../../scripts/story/azure-customer';
import type { Call, CustomerCloud, Seen } from './customer-cloud';
import type { Deployment } from './deployment';

export interface AzureCloud extends CustomerCloud {
  readonly customer: AzureCustomer;
}

/** Sign-ins to Entra are in no vault's log. */
const CALLS = new Map<string, Call>([
  ['KeyWrap', 'wrap'],
  ['KeyUnwrap', 'unwrap'],
]);

export async function openAzureCloud({ outside }: Deployment, name: string): Promise<AzureCloud> {
  const { azure, operator } = outside;
  const tenantId = randomUUID();
  const customer = await azureCustomer(azure, { name, tenantId });
  const { vault } = customer;
  const resourceId = vault.resourceId.toUpperCase();
  const match = {
    credential: { service: 'entra', action: 'Token', tenantId, appId: operator.app.clientId },
    wrap: { service: 'vault', action: 'KeyWrap', vault: vault.name },
    unwrap: { service: 'vault', action: 'KeyUnwrap', vault: vault.name },
  } as const;
  return {
    customer,
    trail: (since) =>
      azure
        .trail(since)
        .filter((row) => row.resourceId === resourceId)
        .map((row) => seen(row, operator.app.clientId)),
    lastSequence: () => azure.lastSequence(),
    wrap: async (bytes, context) => {
      const cryptography = customer.keys.getCryptographyClient(customer.key().split('/').at(-1) ?? '');
      const { result, keyID = '' } = await cryptography.wrapKey('RSA-OAEP-256', bind(bytes, context));
      return { wrapped: Buffer.from(result), keyRef: keyID as KeyRef };
    },
    inject: ({ on, ...fault }) => azure.inject({ match: match[on], ...fault }),
    clearFaults: (id) => azure.clearFaults(id),
    hitsOf: (id) => azure.hitsOf(id),
  };
}

function seen(row: AuditRow, ourApp: string): Seen {
  const { sequence, operationName: name, correlationId: requestId, identity, properties } = row;
  const call = CALLS.get(name) ?? null;
  const appId = identity.claim?.['appid'];
  // Who shows no token is told where to get one: that, too, is us when it's about what we call.
  const ours = appId === ourApp || (appId === undefined && call !== null);
  const key = properties.id?.includes('/keys/') ? properties.id.replace(/\/[0-9a-f]{32}$/, '') : null;
  const refusal = row.resultType === 'Success' ? null : row.resultSignature;
  return { sequence, call, name, requestId, ours, key, refusal };
}
