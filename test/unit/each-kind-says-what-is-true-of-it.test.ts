import { APPROVED_KINDS, type ApprovedKind } from '../../domain/custody';
import { endedText, SWITCHED, tooLateText } from '../../domain/operation-words';
import { AWAITED, awaitedAt, OPERATION_STAGES, type OperationStage, type Outcome } from '../../domain/stages';
import { detailsOf } from '../../workflows/operation/publish';
import { newOperation } from '../../workflows/operation/state';

/** An operation of a kind at a stage, as the Temporal UI shows it. */
function details(kind: ApprovedKind, stage: OperationStage, outcome: Outcome | null = null): string {
  const operation = newOperation({ kind } as never, 'acme' as never, null, null);
  operation.standing = {
    ...{ kind, stage, outcome, reason: outcome === 'refused' ? 'KEY_DISABLED' : null, approved: false },
    ...{
      organization: { name: 'acme' },
      operationId: 'op-1',
      holdsLock: stage === 'sealing',
      dryRunId: null,
    },
  } as never;
  return detailsOf(operation);
}

const at = (kind: ApprovedKind, stage: OperationStage): string =>
  details(kind, stage, stage === 'closed' ? 'completed' : null);

/** What is only true of other kinds than the one. */
const UNTRUE: Readonly<Record<ApprovedKind, RegExp>> = {
  activate: /former key|back|offboarding|new connection|change of/i,
  'change-connection': /platform key|offboarding|activation/i,
  offboard: /former key|shut off|activation|new connection|new one|order/i,
};

test.each(APPROVED_KINDS.flatMap((kind) => OPERATION_STAGES.map((stage) => [kind, stage] as const)))(
  '%s at %s says nothing that is true of another kind only',
  (kind, stage) => {
    expect(at(kind, stage)).not.toMatch(UNTRUE[kind]);
    expect(tooLateText(kind, stage, null)).not.toMatch(UNTRUE[kind]);
  },
);

test.each(APPROVED_KINDS)('%s past its switch names what has moved, and what goes on', (kind) => {
  const { done, follows } = SWITCHED[kind];
  expect(at(kind, 'sealing')).toContain(`switched: ${done}; ${follows}`);
  expect(at(kind, 'sealing')).toContain('this goes on by itself');
  expect(tooLateText(kind, 'sealing', null)).toContain(done);
  expect(tooLateText(kind, 'handoff', null)).toContain(done);
});

test('where custody has moved from and to is not the same for two kinds', () => {
  expect(SWITCHED.activate.done).toMatch(/from the platform key to the customer’s$/);
  expect(SWITCHED['change-connection'].done).toMatch(/from the customer’s former key to the new one$/);
  expect(SWITCHED.offboard.done).toMatch(/from the customer’s key to a new platform key$/);
  expect(SWITCHED.activate.follows).toMatch(/platform key is being shut off/);
  for (const kind of ['change-connection', 'offboard'] as const)
    expect(SWITCHED[kind].follows).not.toMatch(/platform key/);
});

test.each(APPROVED_KINDS)('%s that has ended says how, and that nothing goes on', (kind) => {
  const completed = details(kind, 'closed', 'completed');
  expect(completed).toContain(`**Ended**, completed: ${SWITCHED[kind].done}`);
  expect(completed).toContain('nothing; this has ended');
  expect(completed).not.toMatch(/handoff|goes on/);
  expect(details(kind, 'closed', 'refused')).toContain('refused (KEY_DISABLED): nothing has changed');
  expect(details(kind, 'closed', 'cancelled')).not.toContain(SWITCHED[kind].done);
});

test('an end without a switch names the key that custody stays with', () => {
  expect(endedText('activate', 'expired', null)).toBe(
    'expired: nothing has changed; custody stays with the platform key',
  );
  expect(endedText('change-connection', 'rejected', null)).toMatch(/the connection in use stays in use$/);
  expect(endedText('offboard', 'cancelled', null)).toMatch(/custody stays with the customer’s key$/);
});

test('before its switch an operation isn’t said to have switched', () => {
  for (const kind of APPROVED_KINDS)
    for (const stage of ['setup', 'verification', 'approval', 'live'] as const)
      expect(tooLateText(kind, stage, null)).not.toContain(SWITCHED[kind].done);
  expect(tooLateText('offboard', 'closed', 'refused')).toBe('it has ended already, as refused');
});

test('nobody is awaited to mend what an offboarding’s verification finds: it ends there', () => {
  expect(AWAITED.offboard.verification).toBeNull();
  expect(awaitedAt('offboard', 'verification', ['operator'], false)).toBeNull();
  expect(awaitedAt('offboard', 'verification', ['customer'], false)).toBeNull();
  expect(awaitedAt('change-connection', 'verification', ['operator'], false)?.who).toBe('support');
});
