import { createPrivateKey, createPublicKey } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Cast } from './cast';
import { DEPLOYMENT } from './deployment';
import type { Services } from './services';

/** What the commerce system signs for an organization: an order for a year, or its withdrawal. */
export async function signedOrder(
  { commerce }: Services,
  { org, orderRef, support, approvalKey }: Cast,
  kind: 'order' | 'withdrawal' = 'order',
): Promise<string> {
  const { id } = await support.organization(org);
  const thumbprint = await calculateJwkThumbprint(publicHalf(approvalKey));
  const response = await fetch(`${commerce.url}/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${commerce.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind, aud: DEPLOYMENT, org: id, orderRef, thumbprint }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`commerce refused: ${await response.text()}`);
  return ((await response.json()) as { jws: string }).jws;
}

/** The public half of the customer's approval key, which it gave the sales side out of band. */
export function publicHalf(pem: string) {
  const { x = '' } = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x } as const;
}
