import { workflowInfo } from '@temporalio/workflow';
import type { Code } from '../../domain/codes';
import type { Failure } from '../failures';

/**
 * Codes by which the store says that this run doesn't know where the operation stands. A token that has expired may be
 * the retry of a step that is done, and whose answer was lost for as long as the token was valid.
 */
const OUT_OF_STEP: ReadonlySet<Code> = new Set(['OPERATION_STALE', 'STAGE_MISMATCH', 'ACTOR_INVALID']);
export const isOutOfStep = (failure: Failure): boolean =>
  failure.kind === 'code' && OUT_OF_STEP.has(failure.code);

/**
 * Whether another run has taken the operation over from this one, which then ends. Not for the run that a reset made
 * current: it finds another one's name in its history, and claims the operation anew.
 */
export const isSuperseded = (failure: Failure, claimant: string): boolean =>
  failure.kind === 'code' && failure.code === 'OPERATION_STALE' && claimant === workflowInfo().runId;
