import { z } from 'zod';
import { OWNERS } from '../../domain/codes';
import type { Finding } from '../../domain/finding';

/** A check's result with the words for it. */
export const findingShape = z.object({
  check: z.string(),
  result: z.enum(['ok', 'failed', 'skipped']),
  code: z.string().nullable(),
  owner: z.enum(OWNERS).nullable().describe('Of a failed one: who can mend it; `operator` is us'),
  requestId: z.string().nullable(),
  text: z.string().describe('One line: what was found, and what to do'),
});
export type FindingView = z.infer<typeof findingShape>;

/** What kept a verification from finding anything, which is nothing that the customer set up. */
export const troubleShape = z.object({
  code: z.string(),
  owner: z.enum(OWNERS).describe('Who can mend it; `operator` is us'),
  requestId: z.string().nullable(),
  text: z.string(),
  remedy: z.string(),
});

export const findingView = (finding: Finding, text: string): FindingView => ({
  check: finding.check,
  result: finding.result,
  code: finding.result === 'failed' ? finding.code : null,
  owner: finding.result === 'failed' ? finding.owner : null,
  requestId: finding.result === 'skipped' ? null : finding.requestId,
  text,
});
