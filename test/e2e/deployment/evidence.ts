import type { ApiDeps } from '../../../api/deps';
import { evidenceOf } from '../../../api/evidence';
import { bundleFiles, nodeSuite, parseTrust, verifyBundle } from '../../../ledger';
import type { Arrangement } from './arrangement';

/** The organization's evidence bundle, made now. */
export async function evidence({ deployment, organization }: Arrangement): Promise<Map<string, Uint8Array>> {
  const { store, signer, runtime } = deployment;
  const { custodyKeys, orderIssuer, actorKeys } = runtime.config.trust;
  const keys = { custodyKeys, orderIssuerKeys: orderIssuer.keys, actorKeys };
  const settings = keys as unknown as ApiDeps['settings'];
  return bundleFiles(await evidenceOf({ store, signer, settings }, organization.id));
}

/** The keys that the customer's auditor got another way. */
export async function trustText({ deployment, approver }: Arrangement): Promise<string> {
  const { custodyKeys, orderIssuer, actorKeys } = deployment.runtime.config.trust;
  const { checkpointVkey } = await deployment.signer.keys();
  return [
    `checkpoint ${checkpointVkey}`,
    ...custodyKeys.map((key) => `custody ${JSON.stringify(key)}`),
    ...orderIssuer.keys.map((key) => `order-issuer ${JSON.stringify(key)}`),
    ...actorKeys.map((key) => `actor ${JSON.stringify(key)}`),
    `approver ${approver.thumbprint}`,
  ].join('\n');
}

/** Judged by keys from outside the bundle, as the customer's auditor does. */
export async function verdictOf(arrangement: Arrangement) {
  return verifyBundle(nodeSuite, await evidence(arrangement), {
    trust: parseTrust(nodeSuite, await trustText(arrangement)),
  });
}
