import { z } from 'zod';
import { deploymentId } from '../domain/intake/fields';
import { publicJwk } from './jws';

/** The public keys this deployment trusts, from configuration only: nothing that arrives with a message adds one. */
export const trust = z.strictObject({
  deployment: deploymentId,
  mode: z.enum(['development', 'production']),
  orderIssuer: z.strictObject({ issuer: z.string().min(1).max(200), keys: z.array(publicJwk).min(1) }),
  actorKeys: z.array(publicJwk).min(1).max(2),
  custodyKeys: z.array(publicJwk).min(1),
});
export type Trust = z.infer<typeof trust>;
