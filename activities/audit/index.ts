import { present } from '../alive';
import { atEdge } from '../edge';
import { sweepLane } from '../sweep/lane';
import type { AuditDeps } from './deps';
import { ledgers } from './organization';

export type { AuditDeps } from './deps';

/** Of the custody queue. */
export function createAuditActivities(deps: AuditDeps) {
  return atEdge(
    {
      auditLedgers: (_: undefined) => auditLedgers(deps),
      completeAudit: (_: undefined) => deps.store.completeSweep('ledger'),
    },
    deps.logger,
  );
}
export type AuditActivities = ReturnType<typeof createAuditActivities>;

/** Every ledger that is due. */
async function auditLedgers(deps: AuditDeps) {
  const signal = present()?.cancellationSignal ?? new AbortController().signal;
  const { probed, failed } = await sweepLane(deps, 'ledger', ledgers(deps), signal);
  return { audited: probed, found: failed };
}
