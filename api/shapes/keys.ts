import { z } from 'zod';
import { freeText } from '../../domain/intake/fields';
import { operationShape } from './operation';

export const rotationBody = z.strictObject({
  newKeyVersion: z
    .boolean()
    .optional()
    .describe('Mint the workspace key’s next version as well; new data is encrypted under it'),
  reason: freeText(200).optional().describe('Why; it is in the ledger'),
});

export const keyRefShape = z
  .object({
    keyRef: z.string().describe('A version of the customer’s key, as the provider names it'),
    live: z.array(z.int()).describe('Workspace key versions that only it opens'),
    safeToDisable: z
      .object({
        since: z.string().describe('Since then nothing live needs it'),
        ledgerIndex: z.int().describe('The entry that says so'),
        alsoForBackups: z
          .string()
          .describe('From then on no backup of the operator’s needs it either: safe to delete, too'),
      })
      .nullable()
      .describe('null: it isn’t'),
  })
  .meta({ id: 'KeyRef' });

export const keysShape = z
  .object({
    rotation: operationShape.nullable().describe('The open rotation, or the last one'),
    due: z.string().nullable().describe('Why one is waiting to be started'),
    keyRefs: z.array(keyRefShape),
  })
  .meta({ id: 'Keys' });
export type KeysView = z.infer<typeof keysShape>;
