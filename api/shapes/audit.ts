import { z } from 'zod';

export const auditShape = z
  .object({
    at: z.string().nullable().describe('Of the latest; `null`: there was none yet'),
    wholeAt: z.string().nullable().describe('When the ledger was last read from its first entry on'),
    findings: z.array(
      z.object({
        finding: z.string(),
        about: z.record(z.string(), z.unknown()).describe('Where: entries, index, row'),
        text: z.string(),
        remedy: z.string(),
      }),
    ),
  })
  .meta({ id: 'Audit' });
export type AuditView = z.infer<typeof auditShape>;
