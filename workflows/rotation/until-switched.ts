import { CancellationScope, CancelledFailure, uuid4 } from '@temporalio/workflow';
import type { KeyVersion } from '../../domain/ids';
import { failureOf } from '../failures';
import { isOutOfStep } from '../operation/out-of-step';
import { outlasting } from '../outlasting';
import { judgements, probes, records, staging } from '../proxies';
import { close, resync } from './claim';
import { type Rotation, standingOf, stepOf, troubled } from './state';

/** Up to the switch anything that goes wrong ends the rotation, and nothing has changed. Returns at its end, or after it. */
export async function untilSwitched(rotation: Rotation, show: () => void): Promise<void> {
  for (;;) {
    show();
    const { stage } = standingOf(rotation);
    if (stage === 'verification') await orGiveUp(rotation, () => verifyAndLaunch(rotation));
    else if (stage === 'live') await orGiveUp(rotation, () => stageAndSwitch(rotation, show));
    else return;
  }
}

async function verifyAndLaunch(rotation: Rotation): Promise<void> {
  const verification = stepOf(rotation, `verification/${uuid4()}`);
  const verified = await outlasting(() =>
    probes.verifyForRotation.executeWithOptions({ summary: 'verification' }, [verification]),
  );
  rotation.findings = verified.findings;
  rotation.standing = await records.launchRotation.executeWithOptions({ summary: 'launch, or say why not' }, [
    stepOf(rotation, 'launch'),
  ]);
}

async function stageAndSwitch(rotation: Rotation, show: () => void): Promise<void> {
  const { rewrap, mint } = await judgements.rotationVersions(stepOf(rotation, 'versions'));
  const step = (version: number) => ({
    ...stepOf(rotation, `stage/${version}`),
    version: version as KeyVersion,
  });
  rotation.step = 'wrap';
  show();
  for (const version of rewrap) {
    const summary = `key version ${version}: wrap anew, prove`;
    await outlasting(() => staging.rewrapVersion.executeWithOptions({ summary }, [step(version)]));
  }
  if (mint !== null) {
    rotation.step = 'mint';
    show();
    const summary = `mint key version ${mint}, prove`;
    await outlasting(() => staging.mintNextVersion.executeWithOptions({ summary }, [step(mint)]));
  }
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('cancelled before the switch');
  rotation.step = 'switch';
  show();
  rotation.standing = await CancellationScope.nonCancellable(() =>
    records.switchRotation.executeWithOptions({ summary: 'switch to the new envelopes' }, [
      stepOf(rotation, 'switch'),
    ]),
  );
}

async function orGiveUp(rotation: Rotation, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    troubled(rotation, failure);
    rotation.step = null;
    if (isOutOfStep(failure) && (await resync(rotation, failure))) return;
    await close(rotation, { outcome: 'refused', reason: failure.code });
  }
}
