import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { EVERY_REFUSAL } from '../../../ledger/signer-errors';
import { watchAudits } from '../../../runtime/audit-metrics';
import { watchIncidents } from '../../../runtime/incident-metrics';
import { watchLedgers } from '../../../runtime/ledger-metrics';
import { createMetrics } from '../../../runtime/metrics';
import { createSignerMetrics } from '../../../runtime/signer-metrics';
import { watchSweeps } from '../../../runtime/sweep-metrics';

const OPS = join(__dirname, '../../../ops');
const duration = z.string().regex(/^\d+[smhd]$/);

const rule = z.strictObject({
  alert: z.string().regex(/^Smsk[A-Za-z]+$/),
  expr: z.string(),
  for: duration.optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
});
export type Rule = z.infer<typeof rule>;

const rulesFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })).min(1),
});

/** `ops/prometheus-rules.yml`. @throws for what isn't of Prometheus's form */
export function alertRules(): readonly Rule[] {
  const { groups } = rulesFile.parse(parse(readFileSync(join(OPS, 'prometheus-rules.yml'), 'utf8')));
  return groups.flatMap(({ rules }) => rules);
}

const dashboardFile = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.string(),
      title: z.string(),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
});

/** `ops/grafana-dashboard.json`: its panels. */
export function dashboard() {
  return dashboardFile.parse(JSON.parse(readFileSync(join(OPS, 'grafana-dashboard.json'), 'utf8')));
}

/** Every metric of every process, with nothing to tell yet: the signer's, and those of all others. */
export function everyMetric() {
  const metrics = createMetrics();
  watchSweeps(metrics.registry, async () => ({ completedAt: null, lagMs: 0, standing: {} }));
  watchAudits(metrics.registry, async () => ({ completedAt: null, findings: {} }));
  watchLedgers(metrics.registry, () => [], []);
  watchIncidents(metrics.registry, async () => ({ open: {}, untoldMs: 0, intake: 0 }));
  return { registries: [metrics.registry, createSignerMetrics(EVERY_REFUSAL).registry] };
}
