import {
  type Call as AnyCall,
  type CallAbout,
  type CallOptions,
  createCall as createAnyCall,
} from '../calls/call';
import { classify, requestIdOfAnswer } from './classify';
import type { AwsOperation } from './rules';

export interface About extends CallAbout {
  readonly operation: AwsOperation;
  readonly region: string;
}
export type Call = AnyCall<About>;

/** Calls to AWS: their answers are read with AWS's rules. */
export const createCall = (options: Omit<CallOptions<About>, 'classify' | 'requestIdOf'>): Call =>
  createAnyCall<About>({
    ...options,
    classify: (raw, { operation, region }) => classify(raw, operation, region),
    requestIdOf: requestIdOfAnswer,
  });
