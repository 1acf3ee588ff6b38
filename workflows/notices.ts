import { CancellationScope, proxyActivities, sleep } from '@temporalio/workflow';
import type { CustodyActivities } from '../activities/custody';
import type { IncidentNotice, Notice } from '../domain/notice';
import type { Recipient } from '../domain/recipient';
import { failureOf } from './failures';
import { records } from './proxies';

/** Handing over to one who is to hear it. */
const deliveries = proxyActivities<Pick<CustodyActivities, 'deliverNotice'>>({
  startToCloseTimeout: '60 s',
  heartbeatTimeout: '10 s',
  // Soon after one another first, for a receiver that restarts; then every two hours until a day has passed, for one
  // that somebody has to mend. After that it's on record that it wasn't told.
  retry: { initialInterval: '10 s', backoffCoefficient: 2, maximumInterval: '2 h', maximumAttempts: 22 },
});

/**
 * Puts the incident's opening or end into the log as a security event, whether or not anybody is told.
 */
export const logSecurityEvent = (notice: IncidentNotice): Promise<void> =>
  records.logSecurityEvent.executeWithOptions({ summary: 'log the security event' }, [notice]);

/**
 * Tells everybody who is to hear it, and returns once each of them has, or is given up on after a day. Repeating it, in
 * the same run, after a reset or in the run that continues this one, tells nobody twice.
 *
 * In a maintenance window nobody is paged before it's over, so this may take as long as windows do: run it beside what
 * the incident does, and cancel its scope once the incident is over.
 */
export async function tell(notice: Notice): Promise<void> {
  for (;;) {
    const { recipients, againInMs } = await records.noticeAudience.executeWithOptions(
      { summary: `who is to hear of ${notice.kind}` },
      [notice],
    );
    await Promise.all(recipients.map((recipient) => tellOne(notice, recipient)));
    if (againInMs === null) return;
    await sleep(againInMs, { summary: 'until the maintenance window ends' });
  }
}

async function tellOne(notice: Notice, recipient: Recipient): Promise<void> {
  const telling = { notice, recipient };
  try {
    await deliveries.deliverNotice.executeWithOptions({ summary: `${recipient.channel}: ${recipient.id}` }, [
      telling,
    ]);
  } catch (error) {
    if (failureOf(error).kind === 'cancelled') throw error;
    await CancellationScope.nonCancellable(() =>
      records.recordUndelivered.executeWithOptions({ summary: `not told: ${recipient.id}` }, [telling]),
    );
  }
}
