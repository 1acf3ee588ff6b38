import type { Drift, Looked } from '../../domain/drift';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef } from '../../domain/ids';
import type { LeasedProbe, ProbeResult } from '../../store/contract';
import type { PlatformSweepDeps } from './deps';
import type { Begin } from './lane';
import { recordDrift } from './record-drift';

/** Whether each of the operator's former keys still is on its way out: anything else is a security event of ours. */
export const platformKeys =
  (deps: PlatformSweepDeps): Begin =>
  async (leased, signal) => {
    const keys = await deps.store.formerPlatformKeys(leased.map(({ organization }) => organization));
    return leased.map((each) =>
      probeFormer(
        deps,
        each,
        keys.filter(({ organization }) => organization === each.organization).map(({ keyRef }) => keyRef),
        signal,
      ),
    );
  };

async function probeFormer(
  { store, control, observeProbe, logger }: PlatformSweepDeps,
  leased: LeasedProbe,
  keys: readonly KeyRef[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { organization } = leased;
  const { code, findings, looked } = await lookedAt(control, keys);
  signal.throwIfAborted();
  await recordDrift(store, leased, looked);
  observeProbe('platform-key', code);
  if (code === 'PLATFORM_KEY_ALIVE')
    logger.error({ event: 'drift.platform-key', organization, findings }, 'a former platform key is alive');
  const isUnknown = code !== 'OK' && code !== 'PLATFORM_KEY_ALIVE';
  return { organization, code, failures: isUnknown ? leased.failures + 1 : 0, thorough: true, findings };
}

async function lookedAt(
  control: PlatformSweepDeps['control'],
  keys: readonly KeyRef[],
): Promise<Pick<ProbeResult, 'code' | 'findings'> & { readonly looked: Looked }> {
  const findings: { keyRef: KeyRef; state: string }[] = [];
  try {
    for (const keyRef of keys) findings.push({ keyRef, state: await control.state(keyRef) });
  } catch (failure) {
    // Nothing is known of it, and what was known stands.
    if (!(failure instanceof ProviderFailure)) throw failure;
    return { code: failure.code, findings, looked: {} };
  }
  const alive = findings.find(({ state }) => state !== 'pending-deletion' && state !== 'gone');
  const drift: Drift | null =
    alive === undefined
      ? null
      : { code: 'PLATFORM_KEY_ALIVE', owner: 'operator', keyRef: alive.keyRef, requestId: null };
  return { code: drift?.code ?? 'OK', findings, looked: { 'platform-key': drift } };
}
