import { workflowInfo } from '@temporalio/workflow';
import type { OrganizationName } from '../domain/ids';
import { operationInput, type organizationInput, type rotationInput } from './contract/inputs';
import { refusalFailure, refused } from './failures';
import { parseFields } from './fields';

/**
 * First line of a workflow: input of its form, and the id it must have. A workflow id is no lock, but two ids for
 * one organization would confuse everybody who reads the Temporal UI.
 * @throws ApplicationFailure INPUT_INVALID, WORKFLOW_ID_FOREIGN: the workflow fails at once
 */
export function startedAs(
  input: unknown,
  idOf: (organization: OrganizationName) => string,
  form: typeof organizationInput | typeof rotationInput = operationInput,
): { organization: OrganizationName } {
  const parsed = parseFields(form, input);
  if (!parsed.ok) throw refusalFailure(parsed.refusal);
  const { organization } = parsed.value;
  const expected = idOf(organization);
  if (workflowInfo().workflowId !== expected) {
    throw refusalFailure(refused('WORKFLOW_ID_FOREIGN', `its own id is ${expected}`));
  }
  return { organization };
}
