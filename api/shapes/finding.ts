import { z } from 'zod';
import type { Finding } from '../../domain/finding';

/** A check's result with the words for it. */
export const findingShape = z.object({
  check: z.string(),
  result: z.enum(['ok', 'failed', 'skipped']),
  code: z.string().nullable(),
  requestId: z.string().nullable(),
  text: z.string().describe('One line: what was found, and what to do'),
});
export type FindingView = z.infer<typeof findingShape>;

export const findingView = (finding: Finding, text: string): FindingView => ({
  check: finding.check,
  result: finding.result,
  code: finding.result === 'failed' ? finding.code : null,
  requestId: finding.result === 'skipped' ? null : finding.requestId,
  text,
});
