import { z } from 'zod';
import { approverPublicJwk } from './approval';
import { deploymentId, organizationId, thumbprint } from './intake/fields';

/** JOSE `typ` of an enrolment: how an enrolled key adds or removes another. */
export const ENROLMENT_TYP = 'smsk-enrolment+jws';

/** What an enrolled key signs to add or remove an approval key. `exp`: seconds since 1970. */
export const enrolmentPayload = z.discriminatedUnion('action', [
  z.strictObject({
    type: z.literal('smsk-enrolment/v1'),
    action: z.literal('enrol'),
    deployment: deploymentId,
    org: organizationId,
    publicJwk: approverPublicJwk,
    credentialId: thumbprint,
    nonce: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
    exp: z.int().positive(),
  }),
  z.strictObject({
    type: z.literal('smsk-enrolment/v1'),
    action: z.literal('remove'),
    deployment: deploymentId,
    org: organizationId,
    removes: thumbprint,
    credentialId: thumbprint,
    nonce: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
    exp: z.int().positive(),
  }),
]);
export type EnrolmentPayload = z.infer<typeof enrolmentPayload>;
