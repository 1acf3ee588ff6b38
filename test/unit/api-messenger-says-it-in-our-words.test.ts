import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { refusalFrom } from '../../api/messenger';
import { ProviderFailure, Refusal } from '../../domain/failure';

const MARKER = 'marker-of-something-raw';
const refused = (code: ConstructorParameters<typeof Refusal>[0], detail: string | null = null) =>
  ApplicationFailure.create({ type: code, message: new Refusal(code, detail).message, nonRetryable: true });
const inActivity = (cause: Error) =>
  new ActivityFailure(MARKER, 'verify', '1', 'NON_RETRYABLE_FAILURE', 'worker-1', cause);

test.each<[string, unknown, string, string | null]>([
  [
    'an update’s refusal',
    new WorkflowUpdateFailedError(MARKER, refused('PLAN_CHANGED', 'the key set')),
    'PLAN_CHANGED',
    'the key set',
  ],
  [
    'without detail',
    new WorkflowUpdateFailedError(MARKER, refused('STAGE_MISMATCH')),
    'STAGE_MISMATCH',
    null,
  ],
  [
    'an activity’s refusal',
    new WorkflowFailedError(MARKER, inActivity(refused('ORGANIZATION_EXISTS')), 'NON_RETRYABLE_FAILURE'),
    'ORGANIZATION_EXISTS',
    null,
  ],
  [
    'another failure',
    new WorkflowUpdateFailedError(MARKER, ApplicationFailure.create({ type: 'TypeError', message: MARKER })),
    'INTERNAL',
    null,
  ],
  ['no cause', new WorkflowFailedError(MARKER, undefined, 'TIMEOUT'), 'INTERNAL', null],
  [
    'one is running',
    new WorkflowExecutionAlreadyStartedError(MARKER, 'activation/acme', 'activateCustomerKey'),
    'OPERATION_OPEN',
    null,
  ],
  [
    'none is running',
    new WorkflowNotFoundError(MARKER, 'activation/acme', undefined),
    'OPERATION_UNKNOWN',
    'none is running; start one',
  ],
  ['no answer in time', new WorkflowUpdateRPCTimeoutOrCancelledError(MARKER), 'NO_WORKER', null],
  ['no Temporal', new ServiceError(MARKER), 'NO_WORKER', null],
  ['anything else', new TypeError(MARKER), 'INTERNAL', null],
])('%s', (_, error, code, detail) => {
  const refusal = refusalFrom(error);
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ code, detail });
  expect(`${refusal.message} ${refusal.stack}`).not.toContain(MARKER);
  expect('cause' in refusal).toBe(false);
});

test('a provider’s failure keeps its code, and its request id where that is one', () => {
  const failed = (requestId: string) =>
    refusalFrom(
      new WorkflowUpdateFailedError(
        MARKER,
        inActivity(
          ApplicationFailure.create({ type: 'KEY_DISABLED', message: MARKER, details: [{ requestId }] }),
        ),
      ),
    );
  expect(failed('req-1')).toMatchObject({
    name: 'ProviderFailure',
    code: 'KEY_DISABLED',
    requestId: 'req-1',
  });
  expect(failed(`${MARKER} with spaces`)).toMatchObject({ requestId: null });
  expect(failed('req-1')).toBeInstanceOf(ProviderFailure);
});
