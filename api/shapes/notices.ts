import { z } from 'zod';
import { recordedShape } from './records';

const endpoint = z.object({
  endpoint: z.uuid(),
  url: z.string(),
  registeredAt: z.string(),
});

export const endpointsShape = z.object({ endpoints: z.array(endpoint) }).meta({ id: 'Endpoints' });
export type Endpoints = z.infer<typeof endpointsShape>;

export const endpointAddedShape = z.object({
  endpoint: z.uuid(),
  url: z.string(),
  secret: z
    .string()
    .describe('Standard Webhooks signing secret; shown this once. A new secret is a new endpoint'),
  recorded: recordedShape,
});
export type EndpointAdded = z.infer<typeof endpointAddedShape>;

export const endpointRemovedShape = z.object({ endpoint: z.uuid(), recorded: recordedShape });
export type EndpointRemoved = z.infer<typeof endpointRemovedShape>;

export const maintenanceShape = z
  .object({
    deployment: z.string(),
    organizationId: z.uuid(),
    windows: z.array(
      z.object({
        index: z.int().describe('Of its ledger entry: names the window among people'),
        nonce: z.string().describe('Names the window in what is signed to cancel it'),
        from: z.string(),
        until: z.string(),
        reason: z.string(),
        credentialId: z.string().describe('Of the key that signed it'),
        declaredAt: z.string(),
        cancelledAt: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Maintenance' });
export type Maintenance = z.infer<typeof maintenanceShape>;

export const maintenanceSignedShape = z.object({
  action: z.enum(['declare', 'cancel']),
  nonce: z.string().describe('Of the window'),
  recorded: recordedShape,
});
export type MaintenanceSigned = z.infer<typeof maintenanceSignedShape>;
