import { sleep } from '@temporalio/workflow';
import { activateCustomerKey as real } from '../../workflows';
import type { OperationResult, OrganizationInput } from '../../workflows/contract';

/** The change nobody may make without `patched`: one more command than the recorded runs made. */
export async function activateCustomerKey(input: OrganizationInput): Promise<OperationResult> {
  await sleep('1 second');
  return real(input);
}
