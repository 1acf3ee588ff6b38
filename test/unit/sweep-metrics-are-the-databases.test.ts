import { Registry } from 'prom-client';
import { type SweepReadings, watchSweeps } from '../../runtime/sweep-metrics';

test('gauges say what the database knows at each scrape, and keep it while it can’t be read', async () => {
  const registry = new Registry();
  let asked = 0;
  let readings: SweepReadings | null = {
    completedAt: '2026-06-01T00:00:00.000Z',
    lagMs: 1_500,
    standing: { WRAP_DENIED: 2, KEY_MOVED: 1 },
  };
  watchSweeps(registry, async () => {
    asked += 1;
    if (readings === null) throw new Error('away');
    return readings;
  });

  const first = await registry.metrics();
  expect(asked).toBe(1);
  expect(first).toContain('smsk_sweep_last_completed_seconds 1780272000');
  expect(first).toContain('smsk_sweep_lag_seconds 1.5');
  expect(first).toContain('smsk_drift_warnings{code="WRAP_DENIED"} 2');

  readings = null;
  expect(await registry.metrics()).toBe(first);

  // What is gone isn't told any more; a sweep that never ended is time 0, which any alert sees.
  readings = { completedAt: null, lagMs: 0, standing: { KEY_MOVED: 1 } };
  const last = await registry.metrics();
  expect(last).toContain('smsk_sweep_last_completed_seconds 0');
  expect(last).not.toContain('WRAP_DENIED');
  expect(last).toContain('smsk_drift_warnings{code="KEY_MOVED"} 1');
});
