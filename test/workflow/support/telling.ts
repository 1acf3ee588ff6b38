import type { Notice } from '../../../domain/notice';
import { logSecurityEvent, tell } from '../../../workflows/notices';

/** `tell` as a workflow by itself: what a test runs, and nothing that ships. */
export async function telling(notice: Notice): Promise<void> {
  await logSecurityEvent(notice);
  await tell(notice);
}
