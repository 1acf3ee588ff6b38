import { sleep } from '@temporalio/workflow';
import type { LiveStep } from '../contract/status';
import { failureOf } from '../failures';
import { isOutOfStep } from '../operation/out-of-step';
import { judgements, platformSealing, records } from '../proxies';
import { type Activation, moved, stepOf, troubled } from './state';

const RETRY_FROM_MS = 1_000;
const RETRY_AT_MOST_MS = 300_000;

/** What sealing needs of the run around it. */
export interface Sealer {
  /** Shows the step that has begun. */
  show(): void;
  /** Continues as new where the history has grown long: sealing may have to wait for weeks. */
  breathe(): Promise<void>;
}

/**
 * Live order (c) to (e), after the switch: nothing here gives up, and nothing cancels it. A run that takes over
 * begins where the store says the last one stood; that's the same code.
 */
export async function seal(activation: Activation, sealer: Sealer): Promise<void> {
  const attempt = <T>(step: LiveStep, act: () => Promise<T>): Promise<T> =>
    untilDone(activation, sealer, step, act);
  const once = (key: string) => stepOf(activation, 'sealing', key);

  const progress = await attempt('fence', () => judgements.sealingProgress(once('progress')));
  if (!progress.sealed) {
    await sleep(activation.settings.operationDeadlineMs, {
      summary: 'fence: whatever read custody before the switch has ended',
    });
    await attempt('disable-platform-key', () =>
      platformSealing.disablePlatformKey.executeWithOptions({ summary: 'disable the platform key' }, [
        once('disable'),
      ]),
    );
    await untilProvedDead(activation, attempt);
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
    activation,
    await attempt('enter-live', () =>
      records.enterLive.executeWithOptions({ summary: 'enter live' }, [once('enter-live')]),
    ),
  );
  activation.step = null;
  activation.trouble = null;
}

/**
 * Refusals, in a row, over at least the time that is asked for; an unwrap in between starts the count anew. The store
 * counts them: what is kept here is only when to ask again.
 */
async function untilProvedDead(
  activation: Activation,
  attempt: <T>(step: LiveStep, act: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const { count, overMs } = activation.settings.platformRefusals;
  const gapMs = Math.ceil(overMs / Math.max(1, count - 1));
  for (let nth = 0; ; nth += 1) {
    const { refused, enough } = await attempt('prove-platform-refuses', () =>
      platformSealing.provePlatformRefuses.executeWithOptions({ summary: 'does the platform key refuse?' }, [
        { ...stepOf(activation, 'sealing/probe'), nth },
      ]),
    );
    if (enough) return;
    if (!refused) {
      troubled(activation, 'PLATFORM_KEY_ALIVE');
      await attempt('disable-platform-key', () =>
        platformSealing.disablePlatformKey.executeWithOptions({ summary: 'disable the platform key again' }, [
          stepOf(activation, 'sealing/disable'),
        ]),
      );
    }
    await sleep(gapMs, { summary: 'refusals on separate connections, over time' });
  }
}

async function untilDone<T>(
  activation: Activation,
  sealer: Sealer,
  step: LiveStep,
  act: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    activation.step = step;
    sealer.show();
    try {
      return await act();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'cancelled' || isOutOfStep(failure)) throw error;
      troubled(activation, failure.code, failure.text);
      sealer.show();
    }
    await sleep(Math.min(RETRY_AT_MOST_MS, RETRY_FROM_MS * 2 ** Math.min(tries, 20)), {
      summary: `try ${step} again`,
    });
    await sealer.breathe();
  }
}
