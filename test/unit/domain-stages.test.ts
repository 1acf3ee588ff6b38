import { MADE_BY, MOVES } from '../../domain/change';
import { APPROVED_KINDS } from '../../domain/custody';
import { ALLOWED_ACTIONS, AWAITED, OPERATION_STAGES, STAGES, stageShown } from '../../domain/stages';

describe('stages', () => {
  test('every operation stage has its row in each table and a stage that people read', () => {
    for (const kind of APPROVED_KINDS) {
      expect(Object.keys(ALLOWED_ACTIONS[kind])).toEqual(OPERATION_STAGES);
      expect(Object.keys(AWAITED[kind]).sort()).toEqual([...OPERATION_STAGES].sort());
    }
    for (const stage of OPERATION_STAGES) expect(STAGES).toContain(stageShown(stage));
  });

  test('nothing may be asked, nor cancelled, from the point of no return until the handoff', () => {
    for (const kind of APPROVED_KINDS) {
      expect(ALLOWED_ACTIONS[kind].sealing).toEqual([]);
      expect(ALLOWED_ACTIONS[kind].handoff).not.toContain('cancel');
    }
    const leavesSealing = Object.entries(MOVES).filter(([, moves]) =>
      moves.some(([from, to]) => from === 'sealing' && to !== 'sealing'),
    );
    expect(leavesSealing.map(([type]) => type).sort()).toEqual([
      'live-entered',
      'superseded-envelopes-erased',
    ]);
    expect(MADE_BY['superseded-envelopes-erased']).toEqual(['rotate', 'change-connection', 'offboard']);
  });

  test('inv03: only a reviewed dry-run reaches approval, and only an approval reaches live', () => {
    const into = (stage: string) =>
      Object.entries(MOVES)
        .filter(([, moves]) => moves.some(([from, to]) => to === stage && from !== stage))
        .map(([type]) => type);
    expect(into('approval')).toEqual(['dry-run-reviewed']);
    expect(into('sealing')).toEqual(['custody-switched']);
    // A new organization has no customer yet, and a rotation moves nothing: the other ways into `live`.
    expect(into('live').sort()).toEqual([
      'approval-accepted',
      'operator-approved',
      'platform-key-created',
      'rotation-launched',
    ]);
    // The second of an offboarding's two approvals, whichever it is.
    expect(MADE_BY['operator-approved']).toEqual(['offboard']);
    expect([MADE_BY['platform-key-created'], MADE_BY['rotation-launched']]).toEqual([
      ['create', 'offboard'],
      ['rotate'],
    ]);
  });

  test('inv12: what goes by the connection in use is given no other', () => {
    expect(MADE_BY['connection-submitted']).toEqual(['activate', 'change-connection']);
    expect(MADE_BY['entitlement-confirmed']).toEqual(['activate', 'change-connection']);
  });
});
