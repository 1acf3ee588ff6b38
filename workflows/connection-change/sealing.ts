import { sleep } from '@temporalio/workflow';
import type { Attempt } from '../operation/shape';
import { moved, type Operation, stepOf } from '../operation/state';
import { records } from '../proxies';

/** After the switch: when nothing can be reading the former envelopes any more, they go. There's no key of ours to seal. */
export async function seal(operation: Operation, attempt: Attempt): Promise<void> {
  await attempt('fence', () =>
    sleep(operation.settings.operationDeadlineMs, {
      summary: 'fence: whatever read custody before the switch has ended',
    }),
  );
  const { standing, currentVersion } = await attempt('erase-former-envelopes', () =>
    records.eraseFormerEnvelopes.executeWithOptions({ summary: 'erase the former key’s envelopes' }, [
      stepOf(operation, 'sealing', 'erase'),
    ]),
  );
  operation.currentVersion = currentVersion;
  moved(operation, standing);
}
