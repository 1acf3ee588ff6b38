import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepSettings } from '../activities';
import type { Connection } from '../domain/connection';
import type { CredentialEnds, CredentialReferences } from '../domain/ports/credential-references';
import { recordedProber } from '../providers/recording';
import type { Configuration } from '../runtime/config';
import type { Metrics } from '../runtime/metrics';
import { watchSweeps } from '../runtime/sweep-metrics';
import type { composeShared } from './compose';

type Shared = Pick<ReturnType<typeof composeShared>, 'store' | 'logger'>;

/** What both workers' sweeps are made of. */
export function composeLane({ store, logger }: Shared, { audit, sweep }: Configuration, metrics: Metrics) {
  return {
    store,
    logger,
    sweep: sweepSettings(sweep.periodMs, sweep.thoroughMs, audit.periodMs),
    uuid: randomUUID,
    clock: Date.now,
    pause: (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }),
    observeProbe: (kind: string, code: string): void => metrics.sweepProbes.inc({ kind, code }),
  };
}

/** Of the custody worker. */
export function composeSweep(
  shared: Pick<ReturnType<typeof composeShared>, 'clouds' | 'controlProbe' | 'ends' | 'references'> & Shared,
  config: Configuration,
  metrics: Metrics,
) {
  const { store, clouds, controlProbe, references, ends } = shared;
  watchSweeps(metrics.registry, () => store.sweepHealth());
  return {
    ...composeLane(shared, config, metrics),
    prober: recordedProber(clouds.prober(), store),
    credentialEnd: endOf(references, ends),
    controlProbe,
    probeRefused: store.probeRefused,
  };
}

/** Of a connection's approved reference. Our own roles and apps are ours to look after. */
const endOf =
  (references: CredentialReferences, ends: CredentialEnds) =>
  async ({ organization, input }: Connection, signal: AbortSignal): Promise<number | null> => {
    const { credential } = input;
    if (credential.kind !== 'approved') return null;
    const entry = await references.find(organization, credential.name);
    return entry === null ? null : ends.endOf(entry, signal);
  };
