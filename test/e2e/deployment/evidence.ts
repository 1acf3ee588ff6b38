import type { ApiDeps } from '../../../api/deps';
import { evidenceOf } from '../../../api/evidence';
import { bundleFiles, nodeSuite, parseTrust, verifyBundle } from '../../../ledger';
import type { Arrangement } from './arrangement';

/** The organization's evidence bundle, made now. */
export async function evidence({ deployment, organization }: Arrangement): Promise<Map<string, Uint8Array>> {
  const { store, signer, runtime } = deployment;
  const { custodyKeys, orderIssuer } = runtime.config.trust;
  const settings = { custodyKeys, orderIssuerKeys: orderIssuer.keys } as unknown as ApiDeps['settings'];
  return bundleFiles(await evidenceOf({ store, signer, settings }, organization.id));
}

/** Judged by keys from outside the bundle, as the customer's auditor does. */
export async function verdictOf(arrangement: Arrangement) {
  const { deployment, approver } = arrangement;
  const { custodyKeys, orderIssuer } = deployment.runtime.config.trust;
  const { checkpointVkey } = await deployment.signer.keys();
  const lines = [
    `checkpoint ${checkpointVkey}`,
    ...custodyKeys.map((key) => `custody ${JSON.stringify(key)}`),
    ...orderIssuer.keys.map((key) => `order-issuer ${JSON.stringify(key)}`),
    `approver ${approver.thumbprint}`,
  ];
  return verifyBundle(nodeSuite, await evidence(arrangement), {
    trust: parseTrust(nodeSuite, lines.join('\n')),
  });
}
