import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { azureSetUp } from '../../../domain/set-up/azure';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import { adviceFor } from '../deployment/advice';
import type { Arrangement } from '../deployment/arrangement';
import type { AzureCloud } from '../deployment/azure-cloud';
import { formsOf } from '../deployment/search';
import { type HandedOver, NAME } from './handed-over';

const DAY_MS = 86_400_000;

/** The customer registers an app of its own and lets it in; the operator mounts its certificate as a file. */
export async function handOverApp({
  customer,
  organization,
  deployment,
}: Arrangement<AzureCloud>): Promise<HandedOver> {
  const { runtime, outside } = deployment;
  const { azure } = outside;
  const { account: tenantId } = customer;
  const { appId: clientId } = azure.administer('POST apps', { tenantId, name: NAME });
  const validity = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 300 * DAY_MS };
  const { certificate, pem } = makeAppCertificate({ commonName: NAME, ...validity });
  azure.administer('POST apps/certificates', { appId: clientId, certificate });
  const { externalId } = organization;
  await customer.setUp({
    ...adviceFor(deployment, organization),
    azure: async ({ key }) => {
      const app = { owner: 'customer', clientId } as const;
      const { roleDefinition } = azureSetUp({ externalId, tenantId, key, app, egressRanges: [] });
      return { clientId, roleDefinition };
    },
  });

  const { folder } = runtime.config.references;
  if (folder === null) throw new Error('no folder is configured for credentials');
  writeFileSync(join(runtime.path(folder), `${NAME}.pem`), pem, { mode: 0o600 });
  const { d = '', p = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  return {
    ...{ identity: clientId, locator: `file:${NAME}.pem`, options: ['--tenant', tenantId] },
    secrets: [
      ...pem.split('\n').filter((line) => /^[A-Za-z0-9+/]{40,}/.test(line)),
      ...[d, p].flatMap((number) => formsOf(Buffer.from(number, 'base64url'))),
    ],
  };
}
