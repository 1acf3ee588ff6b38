import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { FaultNote } from '../activities/intake';
import { faultDetail } from '../domain/intake/payload-fault';
import { SEARCH_ATTRIBUTES } from './contract/search-attributes';
import { refusalFailure, refused } from './failures';
import { records, removals } from './proxies';

/**
 * Has the history of the run that started it deleted, once that has ended, and puts on record that it's gone. Nobody
 * else can start it for a run.
 */
export async function removeHistory(note: FaultNote): Promise<void> {
  const { parent } = workflowInfo();
  if (parent?.workflowId !== note.workflowId || parent.runId !== note.runId) {
    throw refusalFailure(refused('FORBIDDEN', 'started by the run whose history goes, and by nobody else'));
  }
  if (note.organization !== null)
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.organization, value: note.organization }]);
  const what = `The ${note.message} came past the codec (${faultDetail(note.fault)}). It was not acted on. Send it again through the console, \`smsk\`, or a Web UI with its codec endpoint on; if a key was in it, replace the key.`;
  const run = `\`${note.runId}\``;
  setCurrentDetails(`${what}\n\nThe history of run ${run} is being deleted.`);
  await records.openIntakeIncident.executeWithOptions({ summary: 'open the incident' }, [note]);
  await removals.removeHistory.executeWithOptions({ summary: 'delete the history' }, [note]);
  await records.closeIntakeIncident.executeWithOptions({ summary: 'close the incident' }, [note]);
  setCurrentDetails(`${what}\n\nThe history of run ${run} is deleted.`);
}
