import type { Drift } from '../../domain/drift';
import type { LeasedProbe, ProbeResult, UnexplainedRow } from '../../store/contract';
import type { SweepDeps } from './deps';
import type { Begin } from './lane';
import { recordDrift } from './record-drift';

/** Whether the ledger explains every row: one question to the database for all that were leased. */
export const records =
  (deps: SweepDeps): Begin =>
  async (leased) => {
    const unexplained = await deps.store.auditRows();
    return leased.map((each) =>
      judgeRows(
        deps,
        each,
        unexplained.filter(({ organization }) => organization === each.organization),
      ),
    );
  };

async function judgeRows(
  { store, observeProbe, logger }: SweepDeps,
  leased: LeasedProbe,
  rows: readonly UnexplainedRow[],
): Promise<ProbeResult> {
  const { organization } = leased;
  const drift: Drift | null =
    rows.length === 0
      ? null
      : { code: 'RECORD_UNEXPLAINED', owner: 'operator', keyRef: null, requestId: null };
  const findings = rows.map(({ table, row, why }) => ({ table, row, why }));
  for (const finding of findings)
    logger.error({ event: 'drift.record', organization, ...finding }, 'a row isn’t explained by its ledger');
  await recordDrift(store, leased, { records: drift });
  const code = drift?.code ?? 'OK';
  observeProbe('records', code);
  return { organization, code, failures: 0, thorough: true, findings };
}
