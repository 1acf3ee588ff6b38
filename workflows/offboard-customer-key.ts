import type { OperationResult, OrganizationInput } from './contract/inputs';
import { OFFBOARDING } from './offboarding/shape';
import { runOperation } from './operation/run';
import type { Carried } from './operation/state';

/**
 * The way back to a platform key: verification of the key in use → dry-run → approvals of customer and operator → live →
 * handoff. It's no way around a key that refuses: where that doesn't verify it ends, and nothing has changed.
 * Input: `{"organization": "acme"}`.
 */
export const offboardCustomerKey = (input: OrganizationInput, carried?: Carried): Promise<OperationResult> =>
  runOperation(OFFBOARDING, input, carried);
