import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { noticeId } from './contract/ids';
import { type NoticeInput, noticeInput } from './contract/inputs';
import { SEARCH_ATTRIBUTES } from './contract/search-attributes';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { parseFields } from './fields';
import { tell } from './notices';

/**
 * Tells people that a change of connection or an offboarding was started, or how it ended. It decides nothing: what there
 * is to tell is the ledger's word, and who has an entry isn't told again. A custody worker starts it; by hand it does no
 * more than that. Input: `{"kind": "operation-started", "organization": "acme", "operation": "…"}`.
 */
export async function tellOfOperation(input: NoticeInput): Promise<void> {
  const parsed = parseFields(noticeInput, input);
  if (!parsed.ok) throw refusalFailure(parsed.refusal);
  const notice = parsed.value;
  const expected = noticeId(notice);
  if (workflowInfo().workflowId !== expected)
    throw refusalFailure(refused('WORKFLOW_ID_FOREIGN', `its own id is ${expected}`));
  const { kind, organization } = notice;
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.organization, value: organization }]);
  setCurrentDetails(`Telling the people of **${organization}** of ${kind}: \`${notice.operation}\`.`);
  try {
    await tell(notice);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    throw codeFailure(failure.code, failure.text);
  }
  setCurrentDetails(
    `Everybody who is to hear of ${kind} (\`${notice.operation}\`) has, or was given up after a day: \`smsk ledger show --org ${organization}\`.`,
  );
}
