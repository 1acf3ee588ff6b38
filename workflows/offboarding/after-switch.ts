import { sleep } from '@temporalio/workflow';
import type { Attempt } from '../operation/shape';
import { moved, type Operation, stepOf } from '../operation/state';
import { records } from '../proxies';

/**
 * After the switch: one operation deadline passes, so that nobody that read the former custody is still at it; then the
 * customer's key has no envelope left to open. A run that takes over begins here again, which is the same.
 */
export async function afterSwitch(operation: Operation, attempt: Attempt): Promise<void> {
  await attempt('fence', () =>
    sleep(operation.settings.operationDeadlineMs, {
      summary: 'fence: whatever read custody before the switch has ended',
    }),
  );
  await attempt('clear-findings', () =>
    records.clearCustomerDrift.executeWithOptions({ summary: 'findings about the customer’s key are over' }, [
      stepOf(operation, 'clear'),
    ]),
  );
  moved(
    operation,
    await attempt('erase-former-envelopes', () =>
      records.eraseSuperseded.executeWithOptions(
        { summary: 'erase the envelopes under the customer’s key' },
        [stepOf(operation, 'erase', 'once')],
      ),
    ),
  );
}
