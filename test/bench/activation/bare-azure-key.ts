import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { AzureConnectionInput } from '../../../domain/connection';
import { azureKeyParts } from '../../../domain/intake/azure';
import { azureCertificate } from '../../../providers/credentials/azure-certificate';
import { requestToken, tokenOf, tokenUrl } from '../../../providers/credentials/azure-token';
import type { AzureEmulator } from '../../../providers/egress/azure-emulator';
import { createEgress } from '../../../providers/egress/egress';
import type { OperatorApp } from '../../../scripts/story/operator-app';
import type { BareKey } from './bare-contract';
import type { BenchCustomer } from './customer';

const WITHIN_MS = 10_000;

/**
 * A key in Azure Key Vault, by plain requests as the operator's app, over connections as the product's are (Azure's
 * own clients would be challenged first, and discover). A process keeps a tenant's token; a verification has its own.
 */
export function bareAzureKey(emulator: AzureEmulator, { clientId, certificateFile }: OperatorApp): BareKey {
  const egress = createEgress({ mode: 'development', emulators: { azure: emulator } });
  const certificate = azureCertificate(readFileSync(certificateFile, 'utf8'));
  const tokens = new Map<string, string>();

  const newToken = async ({ tenantId, key }: AzureConnectionInput): Promise<string> => {
    const where = { cloud: azureKeyParts(key).cloud, tenantId };
    const assertion = await certificate.assertion(clientId, tokenUrl(where), Date.now());
    const proof = { kind: 'assertion', assertion } as const;
    const response = await requestToken(egress, where, clientId, proof, AbortSignal.timeout(WITHIN_MS));
    const { token } = tokenOf(response, Date.now());
    tokens.set(tenantId, token);
    return token;
  };
  /** @param value base64url, as the answer's is */
  const ask = async (url: string, token: string, value: string) => {
    const request = createPipelineRequest({
      url: `${url}?api-version=7.6`,
      method: 'POST',
      headers: createHttpHeaders({ authorization: `Bearer ${token}`, 'content-type': 'application/json' }),
      body: JSON.stringify({ alg: 'RSA-OAEP-256', value }),
      abortSignal: AbortSignal.timeout(WITHIN_MS),
    });
    const { status, bodyAsText } = await egress.azure(new URL(url).host).httpClient.sendRequest(request);
    if (status !== 200) throw new Error(`the vault answered ${status}`);
    return JSON.parse(bodyAsText ?? '') as { kid: string; value: string };
  };
  const roundTrip = async (key: string, token: string, bytes: Uint8Array): Promise<void> => {
    const wrapped = await ask(`${key}/wrapkey`, token, Buffer.from(bytes).toString('base64url'));
    await ask(`${wrapped.kid}/unwrapkey`, token, wrapped.value);
  };
  return {
    verify: async (customer) => {
      const connection = azureConnectionOf(customer);
      const token = await newToken(connection);
      await roundTrip(connection.key, token, randomBytes(32));
      await roundTrip(connection.key, token, randomBytes(32));
    },
    wrapAndUnwrap: async (customer, bytes) => {
      const connection = azureConnectionOf(customer);
      const token = tokens.get(connection.tenantId) ?? (await newToken(connection));
      await roundTrip(connection.key, token, bytes);
    },
  };
}

function azureConnectionOf({ connection }: BenchCustomer): AzureConnectionInput {
  if (connection.provider !== 'azure-key-vault') throw new Error('the customer has no key at Azure');
  return connection;
}
