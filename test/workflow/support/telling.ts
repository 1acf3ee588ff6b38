import type { IncidentNotice } from '../../../domain/notice';
import { logSecurityEvent, tell } from '../../../workflows/notices';

/** `tell` as a workflow by itself: what a test runs, and nothing that ships. */
export async function telling(notice: IncidentNotice): Promise<void> {
  await logSecurityEvent(notice);
  await tell(notice);
}
