import { CONNECTION_CHANGE } from './connection-change/shape';
import type { OperationResult, OrganizationInput } from './contract/inputs';
import { runOperation } from './operation/run';
import type { Carried } from './operation/state';

/**
 * From one key, account or provider of the customer's to another: entitlement → setup → verification → dry-run → approval →
 * live. Content stays readable and writable all the while. Input: `{"organization": "acme"}`.
 */
export const changeConnection = (input: OrganizationInput, carried?: Carried): Promise<OperationResult> =>
  runOperation(CONNECTION_CHANGE, input, carried);
