import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../runtime/config';
import type { Cast } from './cast';
import type { Services } from './services';

/**
 * The keys an auditor would be given by other ways than the bundle, as `smsk evidence verify --trust` reads them.
 * @returns the file's path.
 */
export async function writeTrust(
  services: Services,
  casts: readonly Cast[],
  folder: string,
): Promise<string> {
  const { trust } = JSON.parse(readFileSync(services.configFile, 'utf8')) as Configuration;
  const approvers = await Promise.all(
    casts.map(async ({ admin, org }) =>
      (await admin.approvers(org)).approvers.map(({ credentialId }) => credentialId),
    ),
  );
  const lines = [
    '# Keys to hold evidence bundles against: smsk evidence verify DIR --trust THIS-FILE',
    `checkpoint ${services.checkpointVkey}`,
    ...trust.custodyKeys.map((key) => `custody ${JSON.stringify(key)}`),
    ...trust.orderIssuer.keys.map((key) => `order-issuer ${JSON.stringify(key)}`),
    ...trust.actorKeys.map((key) => `actor ${JSON.stringify(key)}`),
    ...approvers.flat().map((thumbprint) => `approver ${thumbprint}`),
  ];
  const file = join(folder, 'trust.txt');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
