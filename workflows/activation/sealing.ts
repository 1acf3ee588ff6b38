import { sleep } from '@temporalio/workflow';
import type { Attempt } from '../operation/shape';
import { moved, type Operation, stepOf, troubled } from '../operation/state';
import { judgements, platformSealing, records } from '../proxies';

/**
 * Live order (c) to (e), after the switch: nothing here gives up, and nothing cancels it. A run that takes over
 * begins where the store says the last one stood; that's the same code.
 */
export async function seal(operation: Operation, attempt: Attempt): Promise<void> {
  const once = (key: string) => stepOf(operation, 'sealing', key);

  const progress = await attempt('fence', () => judgements.sealingProgress(once('progress')));
  if (!progress.sealed) {
    await sleep(operation.settings.operationDeadlineMs, {
      summary: 'fence: whatever read custody before the switch has ended',
    });
    await attempt('disable-platform-key', () =>
      platformSealing.disablePlatformKey.executeWithOptions({ summary: 'disable the platform key' }, [
        once('disable'),
      ]),
    );
    await untilProvedDead(operation, attempt);
    await attempt('record-sealed', () =>
      records.recordSealed.executeWithOptions({ summary: 'sealed' }, [once('sealed')]),
    );
  }
  if (!progress.erased) {
    await attempt('erase-platform-envelopes', () =>
      records.erasePlatformEnvelopes.executeWithOptions({ summary: 'erase the platform’s envelopes' }, [
        once('erase'),
      ]),
    );
  }
  if (!progress.deletionScheduled) {
    await attempt('schedule-platform-key-deletion', () =>
      platformSealing.schedulePlatformKeyDeletion.executeWithOptions(
        { summary: 'schedule the platform key’s deletion' },
        [once('delete')],
      ),
    );
  }
  moved(
    operation,
    await attempt('enter-live', () =>
      records.enterLive.executeWithOptions({ summary: 'enter live' }, [once('enter-live')]),
    ),
  );
}

/**
 * Refusals, in a row, over at least the time that is asked for; an unwrap in between starts the count anew. The store
 * counts them: what is kept here is only when to ask again.
 */
async function untilProvedDead(operation: Operation, attempt: Attempt): Promise<void> {
  const { count, overMs } = operation.settings.platformRefusals;
  const gapMs = Math.ceil(overMs / Math.max(1, count - 1));
  for (let nth = 0; ; nth += 1) {
    const { refused, enough } = await attempt('prove-platform-refuses', () =>
      platformSealing.provePlatformRefuses.executeWithOptions({ summary: 'does the platform key refuse?' }, [
        { ...stepOf(operation, 'sealing/probe'), nth },
      ]),
    );
    if (enough) return;
    if (!refused) {
      troubled(operation, 'PLATFORM_KEY_ALIVE');
      await attempt('disable-platform-key', () =>
        platformSealing.disablePlatformKey.executeWithOptions({ summary: 'disable the platform key again' }, [
          stepOf(operation, 'sealing/disable'),
        ]),
      );
    }
    await sleep(gapMs, { summary: 'refusals on separate connections, over time' });
  }
}
