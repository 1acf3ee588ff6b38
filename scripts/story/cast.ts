import { join } from 'node:path';
import { type Client, createClient } from '../../api/client';
import type { ProviderName } from '../../domain/custody';
import type { DeploymentId, OrganizationName } from '../../domain/ids';
import { signerClient } from '../../ledger/signer-client';
import { createLogger } from '../../runtime/logging';
import { createStore, type Store, type TokenRecord } from '../../store';
import { mintToken } from '../tokens/mint';
import { type Customer, customerIn } from './customer';
import { DEPLOYMENT } from './deployment';
import { ed25519Pem, randomToken, secretFile } from './secrets';
import type { Services } from './services';

/** An organization that a story is told of. */
export interface Starring {
  readonly org: string;
  readonly adminName: string;
  readonly orderRef: string;
  readonly provider: ProviderName;
  /** AWS account id or Entra tenant id. */
  readonly account: string;
}

/** Who plays in an organization's story, each with a token of their own. */
export interface Cast {
  readonly org: string;
  /** The customer admin's first name. */
  readonly adminName: string;
  readonly orderRef: string;
  readonly support: Client;
  readonly admin: Client;
  /** Of the operator's staff, another person than support: approves what support started. */
  readonly approver: Client;
  /** The operator's application: encrypts and decrypts. */
  readonly service: Client;
  readonly customer: Customer;
  /** PEM of the customer admin's approval key. It never leaves the customer's side. */
  readonly approvalKey: string;
  /** Where the story keeps what it has to remember of this organization. */
  readonly folder: string;
}

/** Uses the store directly for one thing only: minting the cast's API tokens. */
export async function withStore<T>(
  stateDir: string,
  services: Services,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const folder = join(stateDir, 'deployment');
  const token = secretFile(join(folder, 'signer.token'), randomToken);
  const signer = signerClient({ socketPath: join(folder, 'signer.sock'), token });
  const random = () => new Uint8Array();
  const store = createStore(
    { url: services.databaseUrl, deployment: DEPLOYMENT as DeploymentId, mode: 'development', random },
    signer,
    createLogger('story', 'silent'),
  );
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

export const tokenFile = (stateDir: string, name: string): string =>
  join(stateDir, 'tokens', `${name}.token`);

/** A client that speaks for support: the operator's, so it needs no organization. */
export async function supportClient(stateDir: string, services: Services): Promise<Client> {
  const record: TokenRecord = { role: 'support', name: 'sam-of-support', organization: null };
  const token = await withStore(stateDir, services, (store) =>
    mintToken(store, record, tokenFile(stateDir, 'support')),
  );
  return createClient({ url: services.api, token });
}

/** The whole cast of an organization that exists. */
export async function castOf(
  stateDir: string,
  services: Services,
  support: Client,
  { org, adminName, orderRef, provider, account }: Starring,
): Promise<Cast> {
  const folder = join(stateDir, 'customers', org);
  const clientAs = (role: TokenRecord['role'], name: string) =>
    withStore(stateDir, services, async (store) => {
      const organization = await store.organizationByName(org as OrganizationName);
      if (organization === null) throw new Error(`there is no organization ${org}`);
      const record = { role, name, organization: organization.id };
      return createClient({
        url: services.api,
        token: await mintToken(store, record, tokenFile(stateDir, `${org}-${role}`)),
      });
    });
  return {
    ...{ org, adminName, orderRef, support, folder },
    admin: await clientAs('customer-admin', `${adminName}-of-${org}`),
    approver: await clientAs('approver', 'olga-of-operations'),
    service: await clientAs('service', `${org}-workspace`),
    customer: await customerIn(services, { name: org, provider, account }),
    approvalKey: secretFile(join(folder, 'approval.pem'), ed25519Pem),
  };
}
