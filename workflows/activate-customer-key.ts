import { ACTIVATION } from './activation/shape';
import type { OperationResult, OrganizationInput } from './contract/inputs';
import { runOperation } from './operation/run';
import type { Carried } from './operation/state';

/**
 * The activation of a customer's key: entitlement → setup → verification → dry-run → approval → live → handoff.
 * Input: `{"organization": "acme"}`.
 */
export const activateCustomerKey = (input: OrganizationInput, carried?: Carried): Promise<OperationResult> =>
  runOperation(ACTIVATION, input, carried);
