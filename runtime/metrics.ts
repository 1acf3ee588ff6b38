import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics; names are stable and documented in `docs/ARCHITECTURE.md`. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    sweepProbes: new Counter({
      name: 'smsk_sweep_probes_total',
      help: 'Probes of sweeps, by what was probed and the code they ended with.',
      labelNames: ['kind', 'code'] as const,
      registers,
    }),
    providerCalls: new Counter({
      name: 'smsk_provider_calls_total',
      help: 'Calls to a provider, by operation and the code they ended with.',
      labelNames: ['provider', 'operation', 'code'] as const,
      registers,
    }),
    controlProbes: new Counter({
      name: 'smsk_control_probes_total',
      help: 'Probes of our own canaries, by the code they ended with.',
      labelNames: ['provider', 'code'] as const,
      registers,
    }),
    controlPasses: new Gauge({
      name: 'smsk_control_passes',
      help: 'Whether the latest probe of our own canary passed (1) or failed (0).',
      labelNames: ['provider'] as const,
      registers,
    }),
    credentialDays: new Gauge({
      name: 'smsk_credential_days_left',
      help: 'Days until a registered credential ends; negative: it has.',
      labelNames: ['organization', 'name'] as const,
      registers,
    }),
    certificateDays: new Gauge({
      name: 'smsk_certificate_days_left',
      help: 'Days until the certificate of an app of ours ends; negative: it has, 0: it can’t be read.',
      labelNames: ['app'] as const,
      registers,
    }),
    refusals: new Counter({
      name: 'smsk_refusals_total',
      help: 'Requests, messages and operations refused, by code.',
      labelNames: ['code'] as const,
      registers,
    }),
    unwrapSeconds: new Histogram({
      name: 'smsk_unwrap_seconds',
      help: 'Time of an unwrap that authorizes a group of operations.',
      labelNames: ['code'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    groupSize: new Histogram({
      name: 'smsk_group_operations',
      help: 'Operations that shared one unwrap.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
      registers,
    }),
    minuteCompleted: new Gauge({
      name: 'smsk_minute_last_completed_seconds',
      help: 'When a part of this process’s rounds last came to its end, in seconds since the epoch; at first, its start.',
      labelNames: ['part'] as const,
      registers,
    }),
    relayFailures: new Counter({
      name: 'smsk_relay_failures_total',
      help: 'Rounds of the relay that failed: incidents wait in the outbox.',
      registers,
    }),
    resumed: new Counter({
      name: 'smsk_operations_resumed_total',
      help: 'Open operations that had lost their run and were given another, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    notices: new Counter({
      name: 'smsk_notices_total',
      help: 'Notices handed to a mail relay or a webhook, by what came of it: accepted, later (tried again) or refused.',
      labelNames: ['channel', 'verdict'] as const,
      registers,
    }),
    operations: new Counter({
      name: 'smsk_operations_total',
      help: 'Content operations, by kind and the code they ended with.',
      labelNames: ['operation', 'code'] as const,
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
