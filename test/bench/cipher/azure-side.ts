import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CryptographyClient } from '@azure/keyvault-keys';
import { type AzureConnection, azureConnectionInput, newConnection } from '../../../domain/connection';
import type { ConnectionId, OrganizationId } from '../../../domain/ids';
import { azureKeyParts } from '../../../domain/intake/azure';
import { createAzureKeyVaultProvider } from '../../../providers/azure-key-vault/provider';
import { createAzureKeyVaultVerifier } from '../../../providers/azure-key-vault/verifier';
import { azureApp } from '../../../providers/credentials/azure-app';
import { certificateProof } from '../../../providers/credentials/azure-proof';
import { createEgress } from '../../../providers/egress/egress';
import { freePort } from '../../../scripts/parts/ports';
import { type Part, startPart } from '../../../scripts/parts/process';
import { answersByTls } from '../../../scripts/story/answers';
import { azureCustomer } from '../../../scripts/story/azure-customer';
import { setUpOperatorApp } from '../../../scripts/story/operator-app';
import { printedFor } from '../../../scripts/story/printed';
import { randomToken, secretFile } from '../../../scripts/story/secrets';

const ROOT = join(__dirname, '..', '..', '..');
const TENANT = '1111abcd-2222-4333-8444-555566667777';

/** A customer at the emulated Azure, `latencyMs` away, set up as printed; and the reference's way to the same key. */
export async function azureSide(folder: string, parts: Pick<Part, 'stop'>[], latencyMs: number) {
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const stateDir = join(folder, 'azure');
  const tokenFile = join(folder, 'azure-control.token');
  const controlToken = secretFile(tokenFile, randomToken);
  const caFile = join(stateDir, 'ca.pem');
  parts.push(
    await startPart({
      name: 'azure-emulator',
      stateDir: folder,
      command: process.execPath,
      args: [
        ...['--import', join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')],
        join(ROOT, 'emulators', 'azure', 'main.ts'),
        ...['--port', String(port), '--state-dir', stateDir],
        ...['--control-token-file', tokenFile, '--latency-ms', String(latencyMs)],
      ],
      env: { PATH: process.env['PATH'] ?? '', HOME: folder },
      cwd: ROOT,
      ready: () => answersByTls(url, caFile),
    }),
  );
  const door = { url, ca: readFileSync(caFile, 'utf8'), controlToken };
  const operator = await setUpOperatorApp(door, folder);
  const organization = randomUUID() as OrganizationId;
  const externalId = `smsk-${randomBytes(20).toString('hex')}`;
  const customer = await azureCustomer(door, { name: 'bench', tenantId: TENANT });
  parts.push({ stop: async () => customer.close() });
  const { clientId, certificateFile } = operator;
  await customer.setUp(printedFor({ organization, externalId, principalArn: '', clientId }));

  const egress = createEgress({ mode: 'development', emulators: { azure: door } });
  parts.push({ stop: async () => egress.close() });
  const clock = Date.now;
  const observe = (): void => undefined;
  const pem = () => readFileSync(certificateFile, 'utf8');
  const prove = certificateProof({ clientId, pem, clock });
  const identity = azureApp({ clientId, prove, owner: 'operator', egress, clock, observe });
  const identityOf = async () => ({ identity, isOrganizationsOwn: false });
  const options = { egress, identityOf, clock, observe, random: (size: number) => randomBytes(size) };
  const input = azureConnectionInput.parse(customer.connection());
  const fresh = newConnection(randomUUID() as ConnectionId, organization, externalId, input);
  const { keyRef } = await createAzureKeyVaultVerifier(options).verify(fresh, AbortSignal.timeout(30_000));
  if (keyRef === null) throw new Error('the customer’s key doesn’t wrap');
  const connection: AzureConnection = { ...fresh, pinnedKeyRef: keyRef };
  const { cloud, host } = azureKeyParts(input.key);
  const credential = {
    getToken: async () => {
      const where = { cloud, tenantId: TENANT };
      const { token, expiresAtMs } = await identity.token(where, AbortSignal.timeout(30_000), false);
      return { token, expiresOnTimestamp: expiresAtMs };
    },
  };
  return {
    organization,
    connection,
    keyRef,
    provider: createAzureKeyVaultProvider(options),
    disableKey: () => customer.disableKey(),
    enableKey: () => customer.enableKey(),
    /** As the printed role lets it: it may not read the public key, so it wraps and unwraps at the vault. */
    keys: new CryptographyClient(keyRef, credential, { httpClient: egress.azure(host).httpClient }),
  };
}
