import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { type ConnectionInput, connectionDigest } from '../../../domain/connection';
import type { ConnectionId, KeyRef, KeyVersion, OrganizationId } from '../../../domain/ids';
import type { Provider, WrapContext } from '../../../domain/ports/provider';
import { kmsClient } from '../../../providers/aws-kms/clients';
import { createAwsKmsProvider } from '../../../providers/aws-kms/provider';
import { CUSTOMER_COMMANDS } from '../../../providers/aws-kms/session-policy';
import { createAzureKeyVaultProvider } from '../../../providers/azure-key-vault/provider';
import type { AzureIdentityOf } from '../../../providers/credentials/azure';
import { azureApp } from '../../../providers/credentials/azure-app';
import type { Egress } from '../../../providers/egress/egress';
import { notReferenced } from '../../harness/no-references';
import { AWS, AZURE } from './input';

const ORGANIZATION = '6f1e0a4e-0000-4000-8000-000000000001' as OrganizationId;
export const CONTEXT: WrapContext = {
  organization: ORGANIZATION,
  purpose: 'workspace-key',
  keyVersion: 1 as KeyVersion,
};
export const CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) };
/** Only a net: every call here ends by itself, however busy the machine is. */
export const signal = (): AbortSignal => AbortSignal.timeout(50_000);

/** A connection as if the input had passed a grammar. */
export function connectionOf<Input extends ConnectionInput>(input: Input) {
  const externalId = `smsk-${'0'.repeat(20)}`;
  return {
    id: '6f1e0a4e-0000-4000-8000-0000000000cc' as ConnectionId,
    organization: ORGANIZATION,
    externalId,
    input,
    digest: connectionDigest(ORGANIZATION, externalId, input),
    pinnedKeyRef: null,
  };
}

export const awsProvider = (egress: Egress): Provider =>
  createAwsKmsProvider({
    egress,
    identity: async () => CREDENTIALS,
    clock: Date.now,
    observe: () => {},
    processTag: 'test',
    referencedOf: notReferenced,
  });

/** Whoever the connection names is one of ours, with a token in hand. */
export const WITH_TOKEN: AzureIdentityOf = async () => ({
  isOrganizationsOwn: true,
  identity: {
    clientId: AZURE.credential.clientId,
    token: async () => ({ token: 'e30.e30.', expiresAtMs: Number.MAX_SAFE_INTEGER }),
  },
});

/** The same, with a token still to be asked for. */
export const askingEntra =
  (egress: Egress): AzureIdentityOf =>
  async ({ input }) => ({
    isOrganizationsOwn: true,
    identity: azureApp({
      clientId: input.credential.kind === 'azure-app' ? input.credential.clientId : '',
      prove: async () => ({ kind: 'assertion', assertion: 'e30.e30.e30' }),
      owner: 'operator',
      egress,
      clock: Date.now,
      observe: () => {},
    }),
  });

export const azureProvider = (egress: Egress, identityOf: AzureIdentityOf): Provider =>
  createAzureKeyVaultProvider({ egress, identityOf, clock: Date.now, observe: () => {} });

/** Everything that a connection's calls are made of, from the provider down to the bare way out. */
export function callsOf(egress: Egress, input: ConnectionInput): (() => Promise<unknown>)[] {
  const bytes = new Uint8Array(32);
  const keyRef = (key: string): KeyRef => `${key}/${'0'.repeat(32)}` as KeyRef;
  if (input.provider === 'aws-kms') {
    const connection = connectionOf(input);
    const provider = awsProvider(egress);
    const kms = () => kmsClient(egress, input.region, CREDENTIALS, CUSTOMER_COMMANDS);
    const answer = { CiphertextBlob: bytes, KeyId: input.key };
    return [
      () => provider.wrap(connection, bytes, CONTEXT, signal()),
      () => provider.unwrap(connection, bytes, input.key as KeyRef, CONTEXT, signal()),
      // Past the session: what would be sent with one.
      async () => kms().send(new EncryptCommand({ KeyId: input.key, Plaintext: bytes })),
      async () => kms().send(new DecryptCommand(answer)),
    ];
  }
  const connection = connectionOf(input);
  const providers = [azureProvider(egress, WITH_TOKEN), azureProvider(egress, askingEntra(egress))];
  const post = (url: string) => createPipelineRequest({ url, method: 'POST', body: '{}' });
  const login = 'login.microsoftonline.com';
  return [
    ...providers.map((one) => () => one.wrap(connection, bytes, CONTEXT, signal())),
    ...providers.map((one) => () => one.unwrap(connection, bytes, keyRef(input.key), CONTEXT, signal())),
    // Past the provider: the host as a careless reader would take it, and a good host's client with the whole text.
    async () => egress.azure(hostIn(input.key)).httpClient.sendRequest(post(input.key)),
    async () => egress.azure(input.key.split('/')[2] ?? '').httpClient.sendRequest(post(input.key)),
    async () => egress.azure('acme-keys.vault.azure.net').httpClient.sendRequest(post(input.key)),
    async () => egress.azure(login).httpClient.sendRequest(post(`https://${login}/${input.tenantId}/token`)),
    async () => egress.azure(login).httpClient.sendRequest(post(`https://${login}${input.tenantId}`)),
  ];
}

const hostIn = (text: string): string => (URL.canParse(text) ? new URL(text).hostname : text);

/** A host that a good connection leads to, by what was entered. */
export const COMPUTED: readonly string[] = [
  `sts.${AWS.region}.amazonaws.com:443`,
  `kms.${AWS.region}.amazonaws.com:443`,
  'acme-keys.vault.azure.net:443',
  'login.microsoftonline.com:443',
];
