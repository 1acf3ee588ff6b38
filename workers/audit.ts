import type { AuditDeps, NoticeDeps } from '../activities';
import { watchAudits } from '../runtime/audit-metrics';
import type { Runtime } from '../runtime/config';
import type { Metrics } from '../runtime/metrics';
import type { composeShared } from './compose';
import { composeLane } from './sweep';

type Shared = Pick<
  ReturnType<typeof composeShared>,
  'logger' | 'publication' | 'signer' | 'statements' | 'store'
>;

/** What audits are made of. */
export function composeAudit(
  shared: Shared,
  notices: NoticeDeps,
  { config }: Runtime,
  metrics: Metrics,
): AuditDeps {
  const { audit, deployment } = config;
  const { store, signer, statements, publication } = shared;
  watchAudits(metrics.registry, () => store.auditHealth());
  const lane = composeLane(shared, config, metrics);
  return {
    ...lane,
    // By the audit's own period: no audit begins late in its run.
    sweep: { ...lane.sweep, sliceMs: 0.6 * audit.periodMs },
    store,
    signer,
    statements,
    publication,
    notices,
    deployment,
    wholeMs: audit.wholeMs,
  };
}
