import type { Database } from '../database';
import type { DriftStore } from './contract';
import { enrol } from './enrol';
import { findAuditHealth, findStandingDrift, findSweepHealth } from './health';
import { auditSoon, findLastAudit } from './last-audit';
import { lease } from './lease';
import { complete, release, settle } from './settle';
import { findFormerKeys, findSubjects } from './subjects';

export const driftRecords = ({ pool, prisma }: Pick<Database, 'pool' | 'prisma'>): DriftStore => ({
  enrolProbes: (kind, periodMs) => enrol(pool, kind, periodMs),
  leaseProbes: (request) => lease(pool, request),
  probeSubjects: (organizations) => findSubjects(pool, organizations),
  formerPlatformKeys: (organizations) => findFormerKeys(pool, organizations),
  settleProbes: (held, periodMs, results) => settle(pool, held, periodMs, results),
  releaseProbes: (holder) => release(pool, holder),
  completeSweep: (kind) => complete(pool, kind),
  sweepHealth: () => findSweepHealth(pool),
  auditHealth: () => findAuditHealth(pool),
  lastAudit: (organization) => findLastAudit(prisma, organization),
  auditSoon: (organization) => auditSoon(pool, organization),
  standingDrift: (organization) => findStandingDrift(prisma, organization),
});
