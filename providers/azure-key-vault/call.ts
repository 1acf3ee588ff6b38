import { requestIdOf } from '../../domain/intake/fields';
import {
  type Call as AnyCall,
  type CallAbout,
  type CallOptions,
  createCall as createAnyCall,
} from '../calls/call';
import { propertyOf } from '../calls/foreign-error';
import { classify } from './classify';
import type { VaultOperation } from './rules';

export interface About extends CallAbout {
  readonly operation: VaultOperation;
  /** The connection's. */
  readonly tenantId: string;
}
export type Call = AnyCall<About>;

/** Calls to vaults: their answers are read with Key Vault's rules. */
export const createCall = (
  options: Omit<CallOptions<About>, 'classify' | 'requestIdOf' | 'provider'>,
): Call =>
  createAnyCall<About>({
    ...options,
    provider: 'azure-key-vault',
    classify,
    requestIdOf: (answer) => requestIdOf(propertyOf(answer, 'requestId')),
  });
