import { Registry } from 'prom-client';
import { type AuditReadings, watchAudits } from '../../runtime/audit-metrics';

test('gauges say what the database knows of audits, and keep it while it can’t be read', async () => {
  const registry = new Registry();
  let readings: AuditReadings | null = {
    completedAt: '2026-06-01T00:00:00.000Z',
    findings: { 'rolled-back': 2, 'entry-rewritten': 1 },
  };
  watchAudits(registry, async () => {
    if (readings === null) throw new Error('away');
    return readings;
  });
  const first = await registry.metrics();
  expect(first).toContain('smsk_audit_last_completed_seconds 1780272000');
  expect(first).toContain('smsk_audit_findings{finding="rolled-back"} 2');

  readings = null;
  expect(await registry.metrics()).toBe(first);

  // What is gone isn't told any more; an audit that never ended is time 0, which any alert sees.
  readings = { completedAt: null, findings: { 'entry-rewritten': 1 } };
  const last = await registry.metrics();
  expect(last).toContain('smsk_audit_last_completed_seconds 0');
  expect(last).not.toContain('rolled-back');
});
