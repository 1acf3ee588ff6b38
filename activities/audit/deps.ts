import type { DeploymentId } from '../../domain/ids';
import type { StatementVerifier } from '../../domain/ports/authority';
import type { Publication } from '../../domain/ports/publication';
import type { Signer } from '../../domain/ports/signer';
import type { Store } from '../../store/contract';
import type { NoticeDeps } from '../notify/deps';
import type { LaneDeps } from '../sweep/deps';

/** What audits of ledgers are composed of. */
export interface AuditDeps extends LaneDeps {
  readonly store: LaneDeps['store'] &
    Pick<
      Store,
      | 'auditRows'
      | 'checkpointPushes'
      | 'completeSweep'
      | 'entryBeyondHead'
      | 'ledgerHead'
      | 'ledgerLines'
      | 'ledgerTexts'
      | 'latestCheckpoint'
      | 'now'
      | 'publishCheckpoint'
      | 'recordCheckpointPush'
      | 'signedStatements'
    >;
  readonly signer: Pick<Signer, 'keys' | 'lastHead'>;
  readonly statements: StatementVerifier;
  /** `null`: nothing is published; the signer alone is who remembers. */
  readonly publication: Publication | null;
  /** Whom signed heads are sent to. */
  readonly notices: Pick<NoticeDeps, 'deployment' | 'records' | 'couriers' | 'endpointSecret'>;
  readonly deployment: DeploymentId;
  /** Between two audits of a ledger from its first entry on, in milliseconds. */
  readonly wholeMs: number;
}
