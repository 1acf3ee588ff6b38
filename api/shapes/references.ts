import { z } from 'zod';
import { OWNERS } from '../../domain/codes';
import { recordedShape } from './records';

const registration = z.object({
  index: z.int().describe('Ledger index of its registration; what a confirmation names'),
  provider: z.enum(['aws-kms', 'azure-key-vault']),
  key: z.string().describe('The one key it is for'),
  identity: z
    .string()
    .describe('Who it makes us: an IAM user or role, or an app registration, of the customer’s'),
  locator: z
    .string()
    .nullable()
    .describe('Where it lies at the operator’s; `null` for everybody but the operator’s own people'),
  notAfter: z.string().describe('Past it the credential isn’t used'),
  registeredBy: z.string(),
  registeredAt: z.string(),
});

export const referenceShape = z
  .object({
    name: z.string().describe('Named in a connection as approved:NAME'),
    confirmed: registration
      .extend({
        confirmedBy: z.string(),
        confirmedAt: z.string(),
        freshness: z.enum(['valid', 'expiring', 'expired']).describe('`expiring`: 30 days before its end'),
      })
      .nullable()
      .describe('What counts; `null`: nothing yet'),
    pending: registration
      .nullable()
      .describe('What waits for another person: the first registration, or a renewal'),
  })
  .meta({ id: 'CredentialReference' });
export type ReferenceView = z.infer<typeof referenceShape>;
export type RegistrationView = z.infer<typeof registration>;

export const referencesShape = z.object({ references: z.array(referenceShape) });

export const referenceChangedShape = z
  .object({ name: z.string(), recorded: recordedShape })
  .meta({ id: 'CredentialReferenceChanged' });
export type ReferenceChanged = z.infer<typeof referenceChangedShape>;

export const credentialWarningShape = z
  .object({
    code: z.enum(['CREDENTIAL_EXPIRING', 'CREDENTIAL_EXPIRED']),
    credential: z.string().describe('approved:NAME, or azure-app:ID for an app of the operator’s'),
    end: z.string().describe('Past it the credential isn’t used'),
    owner: z.enum(OWNERS).describe('Who can mend it'),
    text: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'CredentialWarning' });
export type CredentialWarning = z.infer<typeof credentialWarningShape>;
