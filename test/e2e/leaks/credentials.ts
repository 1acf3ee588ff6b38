import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { azureCertificate } from '../../../providers/credentials/azure-certificate';
import type { Arrangement } from '../deployment/arrangement';
import type { AzureCloud } from '../deployment/azure-cloud';
import { withOurProviders } from '../deployment/our-providers';
import type { Outside } from '../deployment/outside';
import { formsOf } from '../deployment/search';

/**
 * What would be found wherever an identity of ours at a provider had got out: AWS's secret access keys; of our app at
 * Azure the certificate and its private key; of the app's assertions and tokens the header, which is the same in all
 * of them and in nothing else.
 */
export async function ourCredentials(globex: Arrangement<AzureCloud>): Promise<string[]> {
  const { account, app } = globex.deployment.outside.operator;
  const secrets = [account.principal, account.content, account.control].map(
    ({ file }) => (JSON.parse(readFileSync(file, 'utf8')) as { secretAccessKey: string }).secretAccessKey,
  );
  const pem = readFileSync(app.certificateFile, 'utf8');
  const lines = pem.split('\n').filter((line) => /^[A-Za-z0-9+/]{40,}/.test(line));
  const { d = '', p = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const numbers = [d, p].flatMap((number) => formsOf(Buffer.from(number, 'base64url')));
  const shown = [await assertionOf(app, pem), await tokenOf(globex)];
  return [...secrets, ...lines, ...numbers, ...shown.map((jwt) => jwt.split('.')[0] ?? '')];
}

const assertionOf = ({ clientId }: Outside['operator']['app'], pem: string): Promise<string> =>
  azureCertificate(pem).assertion(clientId, 'https://login.microsoftonline.com/', Date.now());

/** As our workers get it. */
const tokenOf = ({ deployment, organization, cloud }: Arrangement<AzureCloud>): Promise<string> =>
  withOurProviders(deployment, async ({ azureApps }) => {
    const app = azureApps.find(deployment.outside.operator.app.clientId, organization.id);
    if (app === null) throw new Error('our app isn’t configured');
    const where = { cloud: 'public', tenantId: cloud.customer.account } as const;
    return (await app.identity.token(where, AbortSignal.timeout(30_000), false)).token;
  });
