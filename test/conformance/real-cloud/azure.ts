import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TokenCredential } from '@azure/core-auth';
import { KeyClient, type UpdateKeyPropertiesOptions } from '@azure/keyvault-keys';
import {
  type AzureConnection,
  azureConnectionInput,
  keyNameToken,
  newConnection,
} from '../../../domain/connection';
import type { ConnectionId, OrganizationId } from '../../../domain/ids';
import { azureKeyParts, azureKidParts } from '../../../domain/intake/azure';
import { createAzureKeyVaultProvider } from '../../../providers/azure-key-vault/provider';
import { createAzureKeyVaultVerifier } from '../../../providers/azure-key-vault/verifier';
import type { CallRecord } from '../../../providers/calls/call';
import type { AzureIdentity } from '../../../providers/credentials/azure';
import { azureApp } from '../../../providers/credentials/azure-app';
import { certificateProof } from '../../../providers/credentials/azure-proof';
import type { Egress } from '../../../providers/egress/egress';
import type { BadInput, OffSwitch, ProviderFixture } from '../provider-contract/contract';
import type { AzureAdmin, RealAzure } from './settings';

export interface RealAzureFixture extends ProviderFixture {
  connect(changes: { readonly tenantId?: string; readonly key?: string }): AzureConnection;
}

/** A customer's real tenant and vault that were set up as `smsk connection policy` prints, and the provider over it. */
export async function realAzureFixture(settings: RealAzure, egress: Egress): Promise<RealAzureFixture> {
  const { tenantId, clientId, key, externalId } = settings;
  const records: CallRecord[] = [];
  const observe = (record: CallRecord): void => void records.push(record);
  const identity = appOf(settings, egress, observe);
  const options = {
    egress,
    identityOf: async () => ({ identity, isOrganizationsOwn: false }),
    clock: Date.now,
    observe,
    random: (size: number) => randomBytes(size),
  };
  const organization = randomUUID() as OrganizationId;
  const connect: RealAzureFixture['connect'] = (changes) => {
    const input = azureConnectionInput.parse({
      provider: 'azure-key-vault',
      ...{ tenantId, key, ...changes },
      credential: { kind: 'azure-app', clientId },
    });
    return newConnection(randomUUID() as ConnectionId, organization, externalId, input);
  };
  const verifier = createAzureKeyVaultVerifier(options);
  // Which version answers is the vault's to say, as it is for a customer.
  const { keyRef, findings } = await verifier.verify(connect({}), AbortSignal.timeout(30_000));
  if (keyRef === null) throw new Error(`the vault’s key doesn’t wrap: ${JSON.stringify(findings)}`);
  return {
    connect,
    records,
    provider: createAzureKeyVaultProvider(options),
    verifier,
    connection: { ...connect({}), pinnedKeyRef: keyRef },
    close: async () => undefined,
  };
}

function appOf(
  { clientId, certificate }: { readonly clientId: string; readonly certificate: string },
  egress: Egress,
  observe: (record: CallRecord) => void,
): AzureIdentity {
  const pem = () => readFileSync(certificate, 'utf8');
  const prove = certificateProof({ clientId, pem, clock: Date.now });
  return azureApp({ clientId, prove, owner: 'operator', egress, clock: Date.now, observe });
}

/** Those that nothing has to be changed for. */
export const azureBadInputs: readonly BadInput<RealAzureFixture>[] = [
  {
    name: 'another organization’s key',
    arrange: async ({ connect, connection: { input, externalId } }) =>
      connect({
        key: input.key.replace(keyNameToken(externalId), `smsk-${randomBytes(10).toString('hex')}`),
      }),
    check: 'key-name-carries-our-token',
    code: 'KEY_NOT_BOUND',
  },
  {
    name: 'vault that isn’t one',
    arrange: async ({ connect, connection: { input } }) =>
      connect({ key: input.key.replace(/^https:\/\/[^.]+/, `https://no-${randomBytes(8).toString('hex')}`) }),
    check: 'wrap',
    code: 'VAULT_PURGED_OR_WRONG',
  },
  {
    name: 'tenant that isn’t one',
    arrange: async ({ connect }) => connect({ tenantId: randomUUID() }),
    check: 'token',
    code: 'TENANT_NOT_FOUND',
  },
];

export interface AzureAdministration extends RealAzure {
  readonly admin: AzureAdmin;
  readonly egress: Egress;
}

/**
 * The key's own states: roles and firewalls take a real cloud minutes, and aren't rewritten.
 * @param administration asked for at each switch
 */
export function azureOffSwitches(
  administration: () => AzureAdministration,
): readonly OffSwitch<RealAzureFixture>[] {
  const update =
    (changes: UpdateKeyPropertiesOptions) =>
    async ({ connection: { pinnedKeyRef } }: RealAzureFixture): Promise<void> => {
      const { name, version } = azureKidParts(pinnedKeyRef ?? '');
      await keysOf(administration()).updateKeyProperties(name, version, changes);
    };
  return [
    {
      name: 'disable the version',
      off: update({ enabled: false }),
      on: update({ enabled: true }),
      code: 'KEY_DISABLED',
    },
    {
      name: 'take unwrapKey out of key_ops',
      off: update({ keyOps: ['wrapKey'] }),
      on: update({ keyOps: ['wrapKey', 'unwrapKey'] }),
      code: 'KEY_OPS_MISSING',
    },
  ];
}

/** The administrator's client, with our credential in place of the SDK's: it believes no challenge. */
function keysOf({ tenantId, key, admin, egress }: AzureAdministration): KeyClient {
  const { cloud, host } = azureKeyParts(key);
  const identity = appOf(admin, egress, () => undefined);
  const credential: TokenCredential = {
    getToken: async () => {
      const signal = AbortSignal.timeout(30_000);
      const { token, expiresAtMs } = await identity.token({ cloud, tenantId }, signal, false);
      return { token, expiresOnTimestamp: expiresAtMs };
    },
  };
  const { endpoint, httpClient } = egress.azure(host);
  return new KeyClient(endpoint, credential, { httpClient });
}
