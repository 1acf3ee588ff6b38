import { EFFECT_TEXT } from '../../domain/codes';
import type {
  DeploymentId,
  Instant,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
} from '../../domain/ids';
import { findKeyMaterial } from '../../domain/intake/key-material';
import { type OperationFacts, TOLD_KINDS, type ToldKind } from '../../domain/operation-facts';
import type { Outcome } from '../../domain/stages';
import type { ToldOperation } from '../../domain/told';
import { operationBody, operationMail, operationWords } from '../../domain/told-operation';

const AT = '2026-03-01T10:00:00.000Z' as Instant;
const LATER = '2026-03-02T10:00:00.000Z' as Instant;

function toldOf(kind: ToldKind, outcome: Outcome | null = null, change: Partial<OperationFacts> = {}) {
  const end = outcome && {
    ...{ outcome, at: LATER, index: 90 as LedgerIndex },
    reason: outcome === 'refused' ? ('KEY_DISABLED' as const) : null,
  };
  return {
    kind: outcome === null ? 'operation-started' : 'operation-ended',
    deployment: 'novantra-test' as DeploymentId,
    statusUrl: 'https://smsk.novantra.test/v1/organizations/acme/status',
    operation: {
      ...{ id: '6f1c1d2e-0000-4000-8000-0000000000aa' as OperationId, kind, startedBy: 'support' },
      organization: {
        id: '6f1c1d2e-0000-4000-8000-000000000001' as OrganizationId,
        name: 'acme' as OrganizationName,
      },
      ...{ openedAt: AT, openedIndex: 70 as LedgerIndex, end, ...change },
    },
  } satisfies ToldOperation;
}
const mailed = (told: ToldOperation) => operationMail(told, 'jo@acme.example', 'msg_1');

test.each(TOLD_KINDS)(
  '%s that was started: who asked, what will happen, whose approval, how to stop it',
  (kind) => {
    const { subject, text } = mailed(toldOf(kind));
    expect(subject).toMatch(/^\[novantra-test\] acme: an? (change of connection|offboarding) was started$/);
    for (const part of [
      'Organization: acme',
      `Operation: 6f1c1d2e-0000-4000-8000-0000000000aa (${kind})`,
      'Asked for by: support',
      `Your data: ${EFFECT_TEXT.none}`,
      `Started: ${AT}`,
      'Ledger entries: 70',
      'smsk reject',
      'smsk cancel',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/Both sides must (agree|approve)/);
    expect(text).toMatch(/customer admin signs the plan/);
    expect(text).not.toContain('Ended:');
  },
);

test('an offboarding names both approvals, and where custody goes; a change names no platform key', () => {
  const offboarding = operationWords(toldOf('offboard'));
  expect(offboarding.text).toMatch(/back to a platform key of the operator’s/);
  expect(offboarding.remedy).toMatch(/approver of the operator’s who isn’t the one that started it/);
  const change = operationWords(toldOf('change-connection'));
  expect(`${change.text} ${change.remedy}`).not.toMatch(/platform key|approver of/);
  expect(change.text).toMatch(/Reads and writes go on under the key in use/);
});

test.each(TOLD_KINDS)(
  '%s that was carried out says what has moved, and which key may be disabled',
  (kind) => {
    const { subject, text } = mailed(toldOf(kind, 'completed'));
    expect(subject).toContain('was carried out');
    expect(text).toContain(`Ended: ${LATER} (completed)`);
    expect(text).toContain('Custody has moved'.replace('Custody', 'custody'));
    expect(text).toMatch(/safe to disable/);
    expect(text).toContain('Ledger entries: 70, 90');
  },
);

test.each(
  TOLD_KINDS.flatMap((kind) =>
    (['refused', 'cancelled', 'rejected', 'expired'] as const).map((end) => [kind, end] as const),
  ),
)('%s that ended as %s says that nothing has changed', (kind, outcome) => {
  const { title, text, effect, remedy } = operationWords(toldOf(kind, outcome));
  expect(title).toContain(`ended without a change (${outcome})`);
  expect(text).toContain('nothing has changed');
  expect(effect).toBe(EFFECT_TEXT.none);
  expect(text + remedy).not.toMatch(/safe to disable|has moved/);
  if (outcome === 'refused') expect(text).toContain('KEY_DISABLED');
});

test('a webhook says the same, with the times, the outcome and the entries as fields', () => {
  const started = JSON.parse(operationBody(toldOf('offboard')));
  expect(started).toMatchObject({
    ...{ type: 'operation.started', timestamp: AT },
    data: {
      ...{ kind: 'offboard', startedBy: 'support', outcome: null, endedAt: null, since: AT },
      organization: { name: 'acme' },
      ledgerEntries: { opened: 70, ended: null },
      title: operationWords(toldOf('offboard')).title,
    },
  });
  expect(JSON.parse(operationBody(toldOf('change-connection', 'refused')))).toMatchObject({
    ...{ type: 'operation.ended', timestamp: LATER },
    data: { outcome: 'refused', reason: 'KEY_DISABLED', ledgerEntries: { opened: 70, ended: 90 } },
  });
});

test('inv07: nothing in it is of the form of a key, and nobody is named', () => {
  for (const kind of TOLD_KINDS)
    for (const outcome of [null, 'completed', 'refused'] as const) {
      const told = toldOf(kind, outcome);
      expect(findKeyMaterial(`${mailed(told).text}\n${operationBody(told)}`)).toBeNull();
    }
});
