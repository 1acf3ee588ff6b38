import { ApiRefused, type Client } from '../../api/client';
import type { Advice } from './customer';

/** What `smsk connection policy` answers the organization's admin. */
export const adviceFor = (admin: Client, org: string): Advice => ({
  aws: async ({ key, roleArn: role }) => {
    const { trustPolicy, rolePolicy, keyPolicy } = await admin.awsPolicy(org, { key, role });
    if (trustPolicy === null) throw new Error('there is no role to trust us');
    return { trustPolicy, rolePolicy, keyPolicy };
  },
  azureKeyName: async ({ vaultUri, tenantId: tenant }) => {
    const asked = admin.azurePolicy(org, { key: `${vaultUri}keys/any`, tenant });
    return asked.then(({ keyName }) => keyName, nameTold);
  },
  azure: async ({ key, tenantId: tenant }) => {
    const { clientId, roleDefinition } = await admin.azurePolicy(org, { key, tenant });
    if (clientId === null) throw new Error('there is no app to let in');
    return { clientId, roleDefinition };
  },
});

/** A key whose name doesn't say whose it is is refused, with an example of one that does. */
function nameTold(error: unknown): string {
  const told =
    error instanceof ApiRefused ? /\/keys\/(smsk-[0-9a-f]{20})\b/.exec(error.problem.detail ?? '') : null;
  if (told?.[1] === undefined) throw error;
  return told[1];
}
