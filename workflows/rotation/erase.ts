import { sleep } from '@temporalio/workflow';
import { codeFailure, failureOf } from '../failures';
import { isOutOfStep } from '../operation/out-of-step';
import { records } from '../proxies';
import { resync } from './claim';
import { type Rotation, standingOf, stepOf, troubled } from './state';

/** After the switch nothing gives up. A run that takes over begins here again: that's the same. */
export async function eraseAfterFence(rotation: Rotation, show: () => void): Promise<void> {
  while (standingOf(rotation).stage === 'sealing') {
    rotation.step = 'fence';
    show();
    await sleep(rotation.fenceMs, {
      summary: 'fence: whatever read the former envelopes has ended',
    });
    rotation.step = 'erase';
    show();
    try {
      rotation.standing = await records.eraseSuperseded.executeWithOptions(
        { summary: 'erase the former envelopes' },
        [stepOf(rotation, 'erase')],
      );
      rotation.step = null;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'cancelled') throw error;
      troubled(rotation, failure);
      if (!isOutOfStep(failure) || !(await resync(rotation, failure)))
        throw codeFailure(failure.code, failure.text);
    }
  }
}
