import { approvalEvidence } from '../../domain/approval';
import type { Change, ChangeOf } from '../../domain/change';
import { connectionDigest } from '../../domain/connection';
import type { EnvelopeRecord } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import { isClean } from '../../domain/finding';
import type { Instant, LedgerIndex, OperationId } from '../../domain/ids';
import { jws } from '../../domain/intake/fields';
import { demandEntitling } from '../../domain/order';
import { planDigest } from '../../domain/plan';
import type { OperationStage } from '../../domain/stages';
import type { SealingProof, SealingRule } from '../../store/contract';
import { signStatement } from './authority';
import type { OperationRow, Rows } from './store-rows';

export interface Applying {
  readonly rows: Rows;
  readonly operation: OperationRow;
  readonly to: OperationStage;
  readonly index: LedgerIndex;
  readonly at: Instant;
  readonly sealing: SealingRule;
}

/** What an operation's change does to the rows. Throws before it has changed anything. */
export function apply(step: Applying, change: Change): void {
  const { rows, operation, index, at, to, sealing } = step;
  switch (change.type) {
    case 'platform-key-created':
      if (operation.kind === 'offboard') return;
      rows.platformKey = { keyRef: change.keyRef, disabledAt: null, sealedAt: null, destroyedAt: null };
      return;
    case 'entitlement-confirmed':
      demandOrder(rows);
      return;
    case 'connection-submitted': {
      const { id, externalId } = rows.organization;
      if (change.digest !== connectionDigest(id, externalId, change.input))
        throw new Refusal('INPUT_INVALID');
      const inUse = rows.custody?.connectionId ? rows.connections.get(rows.custody.connectionId) : undefined;
      if (operation.kind === 'change-connection' && inUse?.digest === change.digest)
        throw new Refusal('NOTHING_TO_CHANGE');
      unstage(step);
      rows.connections.set(change.connectionId, { input: change.input, digest: change.digest, pinned: null });
      Object.assign(operation, { connectionId: change.connectionId, verification: null, dryRunId: null });
      return;
    }
    case 'verification-recorded':
      verified(step, change);
      return;
    case 'verification-repeated': {
      const counting = operation.verification;
      const isSame = change.connectionId === operation.connectionId && counting?.keyRef === change.keyRef;
      if (!isSame || !counting?.clean || !isClean(change.findings)) throw new Refusal('STAGE_MISMATCH');
      return;
    }
    case 'verification-impeded':
      if (change.connectionId !== operation.connectionId) throw new Refusal('STAGE_MISMATCH');
      return;
    case 'dry-run-recorded': {
      const digest = change.plan === null ? null : planDigest(change.plan);
      if (digest !== change.planDigest) throw new Refusal('INPUT_INVALID');
      unstage(step);
      const { dryRunId, plan, findings, blockers } = change;
      const computedAt = plan?.computedAt ?? at;
      const operationId = operation.id;
      rows.dryRuns.set(dryRunId, {
        ...{ dryRunId, operationId, plan, planDigest: digest, findings, blockers, computedAt },
        ledgerIndex: index,
      });
      operation.dryRunId = dryRunId;
      return;
    }
    case 'dry-run-reviewed':
      demandCurrent(step, change.planDigest);
      rows.reviewed.add(change.dryRunId);
      return;
    case 'approval-accepted': {
      if (rows.approvals.some(({ nonce }) => nonce === change.nonce)) throw new Refusal('APPROVAL_REPLAYED');
      demandCurrent(step, change.planDigest, 'APPROVAL_OTHER_PLAN');
      if (to === 'live' && change.decision !== 'approve') throw new Refusal('STAGE_MISMATCH');
      if (operation.kind === 'offboard' && to === 'live') throw new Refusal('STAGE_MISMATCH');
      rows.approvals.push(change);
      return;
    }
    case 'operator-approved': {
      demandCurrent(step, change.planDigest);
      if (!rows.approvals.some(({ dryRunId }) => dryRunId === change.dryRunId))
        throw new Refusal('APPROVAL_MISSING');
      rows.operatorApprovals.push(change);
      return;
    }
    case 'spare-platform-key-retired':
      return;
    case 'live-launched':
      demandCurrent(step, change.planDigest);
      if (operation.kind !== 'offboard') demandOrder(rows);
      if (rows.operations.some((each) => each !== operation && each.holdsLock)) {
        throw new Refusal('OPERATION_LOCKED');
      }
      if ((rows.custody?.epoch ?? 0) >= operation.epoch) throw new Refusal('PLAN_CHANGED');
      operation.holdsLock = true;
      return;
    case 'plan-invalidated':
      demandCurrent(step, change.planDigest);
      unstage(step);
      operation.dryRunId = null;
      if (to === 'verification') operation.verification = null;
      return;
    case 'envelope-staged':
      stage(step, change);
      return;
    case 'custody-switched':
      switched(step, change);
      return;
    case 'platform-key-disabled':
      platformKey(rows).disabledAt = at;
      return;
    case 'platform-key-probed':
      if (platformKey(rows).disabledAt === null) throw new Refusal('STAGE_MISMATCH');
      return;
    case 'platform-sealed': {
      if (!proofOf(rows, operation.id, sealing).enough) throw new Refusal('STAGE_MISMATCH');
      platformKey(rows).sealedAt = at;
      const { organization } = rows;
      rows.statements.push(
        signStatement('sealed', {
          type: 'smsk-platform-sealed/v1',
          organization: organization.id,
          platformKeyRef: change.keyRef,
          operationId: operation.id,
          epoch: operation.epoch,
          ledgerIndex: index,
        }),
      );
      return;
    }
    case 'platform-envelopes-erased':
      for (const { wrappedSha256 } of change.envelopes) {
        const envelope = rows.envelopes.find(({ record }) => record.wrappedSha256 === wrappedSha256);
        if (envelope === undefined || envelope.record.custody !== 'platform') throw new Error('not there');
        envelope.erased = true;
      }
      return;
    case 'platform-key-deletion-scheduled':
      platformKey(rows).destroyedAt = change.destroyedAt;
      return;
    case 'live-entered':
      if (rows.custody?.currentVersion !== change.currentVersion) throw new Refusal('STAGE_MISMATCH');
      rows.custody = { ...rows.custody, sealing: false };
      operation.holdsLock = false;
      return;
    case 'handoff-recorded':
      rows.handoff = { contacts: change.contacts, runbook: change.runbook };
      return;
    case 'operation-closed':
      unstage(step);
      operation.holdsLock = false;
      if (operation.kind === 'rotate' && change.outcome === 'completed') rows.due.splice(0);
      return;
    case 'rotation-launched':
      if (rows.operations.some((each) => each !== operation && each.holdsLock)) {
        throw new Refusal('OPERATION_LOCKED');
      }
      if (operation.verification?.keyRef !== change.to) throw new Refusal('VERIFICATION_MISSING');
      operation.holdsLock = true;
      operation.launched = change;
      return;
    case 'rotation-postponed':
      rows.due.push(change);
      return;
    case 'superseded-envelopes-erased':
      for (const { wrappedSha256 } of change.envelopes) {
        const envelope = rows.envelopes.find(({ record }) => record.wrappedSha256 === wrappedSha256);
        if (envelope === undefined || isLive(rows, envelope.record)) throw new Error('it is live');
        envelope.erased = true;
      }
      if (to === 'handoff') operation.holdsLock = false;
      return;
    case 'organization-created':
    case 'operation-opened':
    case 'operation-claimed':
    case 'order-accepted':
    case 'approver-enrolled':
    case 'approver-removed':
    case 'reference-registered':
    case 'reference-confirmed':
    case 'reference-withdrawn':
    case 'endpoint-registered':
    case 'endpoint-removed':
    case 'maintenance-declared':
    case 'maintenance-cancelled':
    case 'notice-delivered':
    case 'notice-failed':
    case 'entitlement-told':
    case 'refusal':
    case 'intake-incident-opened':
    case 'intake-incident-closed':
    case 'incident-opened':
    case 'incident-closed':
    case 'drift-found':
    case 'drift-cleared':
    case 'incident-acknowledged':
    case 'incident-annotated':
    case 'usage':
    case 'rotation-due':
      throw new Error(`${change.type} isn’t an operation’s step`);
    default: {
      const unknown: never = change;
      throw new Error(`unknown change ${String(unknown)}`);
    }
  }
}

function verified(
  { rows, operation, to, index, ...rest }: Applying,
  change: ChangeOf<'verification-recorded'>,
): void {
  if (change.connectionId !== operation.connectionId) throw new Refusal('STAGE_MISMATCH');
  const clean = isClean(change.findings) && change.keyRef !== null;
  if (to === 'dry-run' && !clean) throw new Refusal('VERIFICATION_MISSING');
  unstage({ rows, operation, to, index, ...rest });
  const connection = rows.connections.get(change.connectionId);
  // Of the connection in custody the live envelopes say it.
  const inCustody = rows.custody?.connectionId === change.connectionId;
  if (clean && connection !== undefined && !inCustody) connection.pinned = change.keyRef;
  if (change.canary !== null) rows.canary = change.canary;
  operation.verification = { index, keyRef: change.keyRef, clean, findings: change.findings };
  operation.dryRunId = null;
}

const demandOrder = ({ orders }: Pick<Rows, 'orders'>) =>
  demandEntitling([...orders].sort((a, b) => b.seq - a.seq)[0]);

function demandCurrent(
  { rows, operation }: Applying,
  digest: string,
  code: 'PLAN_UNKNOWN' | 'APPROVAL_OTHER_PLAN' = 'PLAN_UNKNOWN',
): void {
  const current = operation.dryRunId === null ? undefined : rows.dryRuns.get(operation.dryRunId);
  if (current?.planDigest !== digest) throw new Refusal(code);
}

/** Leaving `live` other than by the switch gives back the lock and what was staged. */
function unstage({ rows, operation }: Applying): void {
  if (operation.stage !== 'live') return;
  for (const envelope of rows.envelopes) {
    if (envelope.record.operationId === operation.id) envelope.erased = true;
  }
  operation.holdsLock = false;
}

function stage({ rows, operation, index }: Applying, change: ChangeOf<'envelope-staged'>): void {
  const isStaged = ({ record, erased }: Rows['envelopes'][number]) =>
    !erased && record.operationId === operation.id && record.version === change.version;
  if (rows.envelopes.some(isStaged)) throw new Refusal('IDEMPOTENCY_KEY_REUSED', 'staged already');
  const { type: _type, minted: _minted, ...described } = change;
  const named = { organization: rows.organization.id, operationId: operation.id, epoch: operation.epoch };
  const { wrapped: _wrapped, ...stated } = described;
  const statement = signStatement('envelope', {
    type: 'smsk-envelope/v1',
    ...stated,
    ...named,
    ledgerIndex: index,
  });
  rows.statements.push(statement);
  rows.envelopes.push({ record: { ...described, ...named, statement }, erased: false });
}

function switched({ rows, operation, index, at }: Applying, change: ChangeOf<'custody-switched'>): void {
  const staged = stagedBy(rows, operation);
  const [first] = staged;
  if (first === undefined) throw new Refusal('STAGE_MISMATCH', 'nothing is staged');
  const { connectionId, keyRef } = first;
  const connection = connectionId === null ? undefined : rows.connections.get(connectionId);
  const statement = signStatement('custody', {
    type: 'smsk-custody/v1',
    organization: rows.organization.id,
    custody: change.custody,
    epoch: operation.epoch,
    currentVersion: change.currentVersion,
    connectionId,
    connectionDigest: connection?.digest ?? null,
    keyRef,
    envelopes: Object.fromEntries(staged.map((each) => [each.version, each.wrappedSha256])),
    operationId: operation.id,
    ledgerIndex: index,
  });
  rows.statements.push(statement);
  rows.custody = {
    organization: rows.organization.id,
    custody: change.custody,
    epoch: operation.epoch,
    currentVersion: change.currentVersion,
    connectionId,
    sealing: change.custody === 'customer' && operation.kind === 'activate',
    statement,
    changedAt: at,
  };
  rows.live = new Set(staged.map(({ wrappedSha256 }) => wrappedSha256));
  if (operation.kind === 'rotate' || operation.kind === 'change-connection') rows.due.splice(0);
  if (connection !== undefined) connection.pinned = keyRef;
  if (operation.kind === 'offboard') {
    rows.platformKey = { keyRef, disabledAt: null, sealedAt: null, destroyedAt: null };
    const approval = rows.approvals.findLast(({ dryRunId }) => dryRunId === operation.dryRunId);
    const word = rows.operatorApprovals.findLast(({ dryRunId }) => dryRunId === operation.dryRunId);
    if (approval === undefined || word === undefined || change.planDigest === null)
      throw new Refusal('APPROVAL_MISSING');
    rows.statements.push(
      signStatement('offboarded', {
        type: 'smsk-offboarded/v1',
        organization: rows.organization.id,
        platformKeyRef: keyRef,
        planDigest: change.planDigest,
        customerApproval: approvalEvidence.parse(JSON.parse(approval.evidence)),
        operatorApproval: jws.parse(word.proof),
        operationId: operation.id,
        epoch: operation.epoch,
        ledgerIndex: index,
      }),
    );
  } else if (change.custody === 'platform') operation.holdsLock = false;
}

export const isLive = (rows: Rows, { wrappedSha256 }: EnvelopeRecord): boolean =>
  rows.live.has(wrappedSha256);

export const stagedBy = (rows: Rows, operation: OperationRow): EnvelopeRecord[] =>
  rows.envelopes
    .filter(({ record, erased }) => !erased && record.operationId === operation.id)
    .map(({ record }) => record)
    .sort((a, b) => a.version - b.version);

function platformKey(rows: Rows): NonNullable<Rows['platformKey']> {
  if (rows.platformKey === null) throw new Refusal('STAGE_MISMATCH');
  return rows.platformKey;
}

/** What the ledger says of the platform key's refusals since it was last disabled or alive. */
export function proofOf(rows: Rows, operationId: OperationId, rule: SealingRule): SealingProof {
  let refusedAt: number[] = [];
  for (const { entry } of rows.ledger) {
    const said = JSON.parse(entry) as {
      type: string;
      at: string;
      operationId: string | null;
      body: { refused?: boolean };
    };
    if (said.operationId !== operationId) continue;
    if (said.type === 'platform-key-probed' && said.body.refused) refusedAt.push(Date.parse(said.at));
    else if (said.type === 'platform-key-disabled' || said.type === 'platform-key-probed') refusedAt = [];
  }
  const [refusals, overMs] = [refusedAt.length, (refusedAt.at(-1) ?? 0) - (refusedAt[0] ?? 0)];
  return { refusals, overMs, enough: refusals >= rule.refusals && overMs >= rule.overMs };
}
