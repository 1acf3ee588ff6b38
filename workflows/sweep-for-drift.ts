import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { LaneReport } from '../activities/sweep/lane';
import { isScheduledSweepId, manualSweepId } from './contract/ids';
import { type SweepInput, type SweepResult, sweepInput } from './contract/inputs';
import { SEARCH_ATTRIBUTES } from './contract/search-attributes';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { parseFields } from './fields';
import { platformSweeps, sweepRecorded, sweeps } from './proxies';

/**
 * Probes what is due, or one organization by hand: `{"organization": "acme"}`. A run is a few activities, however many
 * organizations they probe, and ends before the next one is due.
 */
export async function sweepForDrift(input: SweepInput = {}): Promise<SweepResult> {
  const parsed = parseFields(sweepInput, input);
  if (!parsed.ok) throw refusalFailure(parsed.refusal);
  const { organization } = parsed.value;
  const { workflowId } = workflowInfo();
  if (organization === undefined) {
    if (isScheduledSweepId(workflowId)) return sweepAll();
    throw refusalFailure(
      refused('WORKFLOW_ID_FOREIGN', 'without an organization it is the schedule’s to start'),
    );
  }
  const expected = manualSweepId(organization);
  if (workflowId !== expected)
    throw refusalFailure(refused('WORKFLOW_ID_FOREIGN', `its own id is ${expected}`));
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.organization, value: organization }]);
  try {
    const summary = `probe ${organization}`;
    const one = await sweeps.probeOrganization.executeWithOptions({ summary }, [{ organization }]);
    setCurrentDetails(
      one.probed === 0
        ? `**${organization}** isn’t in customer custody, or is being probed just now. Its status says what was found.`
        : `**${organization}**: ${text(one)}. Its status says what was found.`,
    );
    return { customerKeys: one, platformKeys: null, records: null };
  } catch (error) {
    throw failed(error);
  }
}

/** Side by side, for as many workers to share the work; they lease from one table, so one does all where there is one. */
const LANES = 2;

/** The operator's own keys and the rows are looked at beside: trouble there keeps no customer's key from being probed. */
async function sweepAll(): Promise<SweepResult> {
  setCurrentDetails('Probing every organization that is due.');
  const beside = (sweep: Promise<LaneReport>) => sweep.catch(unlessCancelled);
  const lane = () => sweeps.sweepCustomerKeys.executeWithOptions({ summary: 'customers’ keys' }, [undefined]);
  const [lanes, platformKeys, records] = await Promise.all([
    Promise.all(Array.from({ length: LANES }, lane)),
    beside(
      platformSweeps.sweepPlatformKeys.executeWithOptions({ summary: 'former platform keys' }, [undefined]),
    ),
    beside(sweeps.sweepRecords.executeWithOptions({ summary: 'rows and their ledger' }, [undefined])),
  ]).catch((error: unknown) => {
    throw failed(error);
  });
  const customerKeys = lanes.reduce(sum);
  await sweepRecorded.completeSweep.executeWithOptions({ summary: 'completed' }, [undefined]);
  const line = (what: string, report: LaneReport | null) =>
    `- ${what}: ${report === null ? '**not looked at**; the next sweep does' : text(report)}`;
  setCurrentDetails(
    [
      line('customers’ keys', customerKeys),
      line('former platform keys', platformKeys),
      line('rows and their ledger', records),
    ].join('\n'),
  );
  return { customerKeys, platformKeys, records };
}

const sum = (one: LaneReport, other: LaneReport): LaneReport => ({
  probed: one.probed + other.probed,
  failed: one.failed + other.failed,
});

const text = ({ probed, failed: notClean }: LaneReport): string =>
  `${probed} probed, ${notClean === 0 ? 'all clean' : `${notClean} not clean`}`;

function unlessCancelled(error: unknown): null {
  if (failureOf(error).kind === 'cancelled') throw error;
  return null;
}

function failed(error: unknown): unknown {
  const failure = failureOf(error);
  return failure.kind === 'cancelled' ? error : codeFailure(failure.code, failure.text);
}
