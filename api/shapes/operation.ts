import { z } from 'zod';
import { OPERATION_STAGES } from '../../domain/stages';

export const operationShape = z
  .object({
    id: z.uuid(),
    kind: z.enum(['create', 'activate', 'rotate', 'change-connection', 'offboard']),
    stage: z.enum(OPERATION_STAGES),
    epoch: z.int(),
    outcome: z.string().nullable(),
    reason: z.string().nullable().describe('Code of why it ended'),
    stageSince: z.string(),
    openedAt: z.string(),
  })
  .meta({ id: 'Operation' });
export type OperationView = z.infer<typeof operationShape>;
