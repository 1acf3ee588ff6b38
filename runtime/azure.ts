import { z } from 'zod';
import { azureClientId } from '../domain/intake/azure';
import { organizationId } from '../domain/intake/fields';

const file = z.string().min(1);

/** How an app registration proves itself. */
export const azureAppSource = z.discriminatedUnion('kind', [
  /** PEM with the certificate and its private key, readable by its owner only; read anew for each token. */
  z.strictObject({ kind: z.literal('certificate'), file }),
  /** The token that the platform keeps in a file, exchanged for the app's (federated credential). */
  z.strictObject({ kind: z.literal('workload-identity'), tokenFile: file }),
  /** The machine's identity, exchanged likewise; `clientId` of a user-assigned one, `null` the system's. */
  z.strictObject({ kind: z.literal('managed-identity'), clientId: azureClientId.nullable() }),
]);

/** An app registration of ours. With an organization it is that organization's own, and unknown to all others. */
const app = z.strictObject({
  clientId: azureClientId,
  organization: organizationId.nullable().default(null),
  source: azureAppSource,
});

export const azure = z.strictObject({
  apps: z.array(app).superRefine((apps, context) => {
    for (const [i, { clientId }] of apps.entries()) {
      if (apps.findIndex((other) => other.clientId === clientId) === i) continue;
      context.addIssue({ code: 'custom', path: [i, 'clientId'], message: 'is that of another app here' });
    }
  }),
  /** Where our calls to vaults come from (CIDR): what the set-up text has customers let through their firewalls. */
  egressRanges: z.array(z.cidrv4()).default([]),
  /** Development only: `https://127.0.0.1:PORT`, and the file with the authority (PEM) that is trusted there. */
  emulator: z.strictObject({ url: z.url(), caFile: file }).nullable().default(null),
});
