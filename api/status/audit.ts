import { AUDIT_WORDS } from '../../domain/audit-words';
import type { LastAudit } from '../../store/contract';
import type { AuditView } from '../shapes/audit';

/** What the latest audit found, in words. */
export const auditView = ({ at, wholeAt, findings }: LastAudit): AuditView => ({
  at,
  wholeAt,
  findings: findings.map(({ finding, ...about }) => ({ finding, about, ...AUDIT_WORDS[finding] })),
});
