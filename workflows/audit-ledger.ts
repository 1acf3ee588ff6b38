import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { isScheduledAuditId } from './contract/ids';
import type { AuditResult } from './contract/inputs';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { auditRecorded, audits } from './proxies';

/**
 * Audits the ledgers that are due, and publishes what was appended to them. A run is two activities, however many those
 * are, and ends before the next one is due.
 */
export async function auditLedger(): Promise<AuditResult> {
  if (!isScheduledAuditId(workflowInfo().workflowId))
    throw refusalFailure(refused('WORKFLOW_ID_FOREIGN', 'it is the schedule’s to start'));
  setCurrentDetails('Auditing every ledger that is due.');
  try {
    const result = await audits.auditLedgers.executeWithOptions({ summary: 'ledgers' }, [undefined]);
    await auditRecorded.completeAudit.executeWithOptions({ summary: 'completed' }, [undefined]);
    const { audited, found } = result;
    setCurrentDetails(
      `${audited} ledgers audited, ${found === 0 ? 'all as they were signed' : `**${found} not as they were**: the log says which (\`audit.finding\`)`}`,
    );
    return result;
  } catch (error) {
    const failure = failureOf(error);
    throw failure.kind === 'cancelled' ? error : codeFailure(failure.code, failure.text);
  }
}
