import { randomUUID } from 'node:crypto';
import type { Messenger } from '../../../api/deps';
import { actorClaims, SYSTEM } from '../../../domain/actor';
import type { Change } from '../../../domain/change';
import type { Code } from '../../../domain/codes';
import { type ConnectionInput, connectionDigest } from '../../../domain/connection';
import { Refusal } from '../../../domain/failure';
import { checksOf, type Finding } from '../../../domain/finding';
import type {
  ConnectionId,
  DryRunId,
  Epoch,
  Instant,
  KeyRef,
  KeyVersion,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  RequestId,
} from '../../../domain/ids';
import { planDigest, planOf } from '../../../domain/plan';
import type { Action, OperationStage } from '../../../domain/stages';
import { parseJws } from '../../../ledger/verify/jws';
import type { OperationRecord } from '../../../store/contract';
import { type Acknowledgement, actorPayloadDigest, type Message } from '../../../workflows/contract';
import type { ApiStore, Row } from './store';
import { digest } from './store';

export interface Sent {
  readonly kind: 'start' | 'create' | 'update' | 'signal';
  readonly action: string;
  readonly updateId: string | null;
  readonly message: Readonly<Record<string, unknown>>;
}

const PLATFORM_KEY =
  'arn:aws:kms:eu-central-1:999988887777:key/0d6f5a7f-9c6b-4ad1-9d3c-5a0b1a522c11' as KeyRef;
/** What has answered: at Azure a version of the key. */
const answeredBy = ({ provider, key }: ConnectionInput): KeyRef =>
  (provider === 'aws-kms' ? key : `${key}/${'0'.repeat(31)}1`) as KeyRef;

/** Temporal and its workers, played at once and in memory; what was sent is kept for the test to look at. */
export class PlayedWorkflows implements Messenger {
  readonly sent: Sent[] = [];
  /** As Temporal does: an update id that was answered gets the same answer again. */
  private readonly answered = new Map<string, Acknowledgement>();
  /** Thrown instead of whatever would be answered. */
  refusing: Error | null = null;
  isDown = false;
  /** Accepted, and then refused where only the ledger says it. */
  refusingInLedger: Code | null = null;
  /** The entitlement's check refuses: the activation ends as soon as it's started. */
  endingAtStart: Code | null = null;
  /** Answered to updates instead of what was done. */
  answering: { readonly operationId: string; readonly action: Action } | null = null;

  constructor(
    private readonly store: ApiStore,
    private readonly deployment: string,
    private readonly clock: () => Instant,
  ) {}

  private receive(sent: Sent): void {
    if (this.isDown) throw new Refusal('NO_WORKER');
    this.sent.push(sent);
    if (this.refusing !== null) throw this.refusing;
  }

  readonly ping = async (): Promise<void> => {
    if (this.isDown) throw new Refusal('NO_WORKER');
  };

  readonly createOrganization: Messenger['createOrganization'] = async (input) => {
    this.receive({ kind: 'create', action: 'createOrganization', updateId: null, message: { ...input } });
    const row = this.store.addOrganization(input.organization, randomUUID());
    this.custody(row, 'platform', 1);
    return { organizationId: row.organization.id };
  };

  /** Organizations that were to be probed now. */
  readonly checked: string[] = [];
  readonly checkDrift: Messenger['checkDrift'] = async ({ organization }) => {
    this.checked.push(organization);
  };

  readonly startActivation: Messenger['startActivation'] = async (input) => {
    this.receive({ kind: 'start', action: 'startActivation', updateId: null, message: { ...input } });
    const row = this.rowOf(input.organization);
    if (row.status.operation !== null && row.status.operation.stage !== 'closed')
      throw new Refusal('OPERATION_OPEN');
    const opened = operationAt(row.organization.id, 'setup', this.clock());
    const refused = { ...opened, stage: 'closed', outcome: 'refused', reason: this.endingAtStart } as const;
    this.store.setOperation(row, this.endingAtStart === null ? opened : refused);
  };

  readonly startConnectionChange: Messenger['startConnectionChange'] = async (input) => {
    this.receive({ kind: 'start', action: 'startConnectionChange', updateId: null, message: { ...input } });
    const row = this.rowOf(input.organization);
    this.store.setOperation(
      row,
      operationAt(row.organization.id, 'setup', this.clock(), 'change-connection'),
    );
  };

  readonly startOffboarding: Messenger['startOffboarding'] = async (input) => {
    this.receive({ kind: 'start', action: 'startOffboarding', updateId: null, message: { ...input } });
    const row = this.rowOf(input.organization);
    const opened = operationAt(row.organization.id, 'dry-run', this.clock(), 'offboard');
    const refused = { ...opened, stage: 'closed', outcome: 'refused', reason: this.endingAtStart } as const;
    this.store.setOperation(row, this.endingAtStart === null ? opened : refused);
  };

  readonly startRotation: Messenger['startRotation'] = async (input) => {
    this.receive({ kind: 'start', action: 'startRotation', updateId: null, message: { ...input } });
    const row = this.rowOf(input.organization);
    const opened = operationAt(row.organization.id, 'closed', this.clock(), 'rotate');
    const ended = this.endingAtStart === null ? 'completed' : 'refused';
    row.keys = { ...row.keys, rotation: { ...opened, outcome: ended, reason: this.endingAtStart } };
  };

  readonly signal: Messenger['signal'] = async ({ organization }, decision, message) => {
    this.receive({ kind: 'signal', action: decision, updateId: null, message });
    this.play(this.rowOf(organization), decision, message);
  };

  readonly update: Messenger['update'] = async ({ organization }, action, message, updateId) => {
    this.receive({ kind: 'update', action, updateId, message });
    if (this.answering !== null) {
      const { operationId, action: first } = this.answering;
      return {
        operationId: operationId as OperationId,
        action: first,
        stage: 'setup',
        judged: true,
        payloadDigest: actorPayloadDigest(message),
      };
    }
    const before = this.answered.get(updateId);
    if (before !== undefined) return before;
    const row = this.rowOf(organization);
    this.play(row, action, message);
    const operation = row.status.operation;
    if (operation === null) throw new Refusal('OPERATION_UNKNOWN');
    const payloadDigest = actorPayloadDigest(message);
    const acknowledged = {
      operationId: operation.id,
      action,
      stage: operation.stage,
      judged: true,
      payloadDigest,
    };
    this.answered.set(updateId, acknowledged);
    return acknowledged;
  };

  readonly updateIncident: Messenger['updateIncident'] = async (organization, action, message, updateId) => {
    this.receive({ kind: 'update', action, updateId, message });
    const open = this.rowOf(organization).status.incident;
    if (open === null) throw new Refusal('INCIDENT_UNKNOWN');
    return { incident: open.id, action, payloadDigest: actorPayloadDigest(message) };
  };

  private rowOf(name: string): Row {
    const row = this.store.rows.get(name as OrganizationName);
    if (row === undefined) throw new Refusal('ORGANIZATION_UNKNOWN');
    return row;
  }

  private move(row: Row, change: Partial<OperationRecord>): OperationRecord {
    const { operation } = row.status;
    if (operation === null) throw new Refusal('OPERATION_UNKNOWN');
    const moved = { ...operation, ...change };
    this.store.setOperation(row, moved);
    return moved;
  }

  private custody(row: Row, custody: 'platform' | 'customer', version: number): void {
    row.status = {
      ...row.status,
      custody: {
        organization: row.organization.id,
        custody,
        epoch: 1 as Epoch,
        currentVersion: version as KeyVersion,
        connectionId: row.status.connection?.id ?? null,
        sealing: false,
        statement: 'a.b.c',
        changedAt: this.clock(),
      },
    };
  }

  private play(row: Row, action: Action, message: Readonly<Record<string, unknown>>): void {
    const operation = this.move(row, {});
    const write = (change: Change) => this.store.append(row, SYSTEM, change, operation.id);
    if (this.refusingInLedger !== null) {
      write({ type: 'plan-invalidated', planDigest: digest('plan'), reason: this.refusingInLedger });
      return;
    }
    switch (action) {
      case 'submitConnection': {
        const { connection: input } = message as unknown as Message<'submitConnection'>;
        const { id: organization, externalId } = row.organization;
        const digested = connectionDigest(organization, externalId, input);
        const id = randomUUID() as ConnectionId;
        row.status = {
          ...row.status,
          connection: { id, organization, externalId, input, digest: digested, pinnedKeyRef: null },
        };
        write({ type: 'connection-submitted', connectionId: id, input, digest: digested });
        this.move(row, { stage: 'verification', connectionId: id });
        return;
      }
      case 'runVerification': {
        this.verify(row, write);
        this.move(row, { stage: 'dry-run' });
        return;
      }
      case 'launchDryRun': {
        this.dryRun(row, operation, write);
        return;
      }
      case 'reviewDryRun':
        write({
          type: 'dry-run-reviewed',
          dryRunId: operation.dryRunId as DryRunId,
          planDigest: (message as unknown as { planDigest: never }).planDigest,
          note: null,
        });
        this.move(row, { stage: 'approval', reviewed: true });
        return;
      case 'approve':
        write({ type: 'live-launched', planDigest: digest('approved') });
        // An offboarding waits for the operator’s.
        this.move(row, { ...(operation.kind === 'offboard' ? {} : { stage: 'live' }), approved: true });
        return;
      case 'reject':
      case 'cancel':
        write({
          type: 'operation-closed',
          outcome: action === 'cancel' ? 'cancelled' : 'rejected',
          reason: null,
        });
        this.move(row, { stage: 'closed', outcome: action === 'cancel' ? 'cancelled' : 'rejected' });
        return;
      case 'approveOffboarding': {
        if (!operation.approved) throw new Refusal('APPROVAL_MISSING');
        const proof = String(message['actor']);
        const by = nameIn(proof);
        write({ type: 'operator-approved', ...planned(operation), by, proof });
        row.status = { ...row.status, operatorApproved: { by, at: this.clock() } };
        this.move(row, { stage: 'live', operatorApproved: true });
        return;
      }
      case 'launchLive':
        this.custody(row, operation.kind === 'offboard' ? 'platform' : 'customer', 2);
        write({ type: 'live-entered', currentVersion: 2 as KeyVersion });
        this.move(row, { stage: 'handoff' });
        return;
      case 'recordHandoff': {
        const { contacts, runbook } = message as unknown as Message<'recordHandoff'>;
        write({ type: 'handoff-recorded', contacts, runbook });
        row.status = { ...row.status, handoff: { contacts, runbook } };
        this.move(row, { stage: 'closed', outcome: 'completed' });
        return;
      }
      default: {
        const unknown: never = action;
        throw new Error(`unknown action ${String(unknown)}`);
      }
    }
  }

  private verify(row: Row, write: (change: Change) => unknown): void {
    const { connection } = row.status;
    const checks = connection === null ? [] : checksOf(connection.input);
    const keyRef = connection === null ? null : answeredBy(connection.input);
    const findings: Finding[] = checks.map((check) => ({
      check,
      result: 'ok',
      requestId: 'req-1' as RequestId,
    }));
    if (connection !== null)
      row.status = { ...row.status, connection: { ...connection, pinnedKeyRef: keyRef } };
    const connectionId = connection?.id ?? (randomUUID() as ConnectionId);
    write({ type: 'verification-recorded', connectionId, findings, keyRef, canary: null });
  }

  private dryRun(row: Row, operation: OperationRecord, write: (change: Change) => unknown): void {
    const { organization, status } = row;
    const { connection } = status;
    if (connection === null) throw new Refusal('VERIFICATION_MISSING');
    const dryRunId = randomUUID() as DryRunId;
    const frame = {
      deployment: this.deployment as never,
      organization: { id: organization.id, name: organization.name },
      operationId: operation.id,
      live: [{ version: 1 as KeyVersion, envelopeSha256: digest('envelope'), checkValue: digest('check') }],
    };
    const { id, digest: connectionSha256, input } = connection;
    const known = { id, digest: connectionSha256, keyRef: answeredBy(input) };
    const plan = planOf(
      operation.kind === 'offboard'
        ? { ...frame, kind: 'offboard', from: known, startedBy: { kind: 'support', name: 'support-1' } }
        : {
            ...frame,
            kind: 'activate',
            order: { orderRef: 'SO-1', digest: digest('order') },
            connection: { ...known, input, verifiedBy: 3 as LedgerIndex },
            platformKeyRef: PLATFORM_KEY,
          },
      dryRunId,
      this.clock(),
    );
    const planned = planDigest(plan);
    write({ type: 'dry-run-recorded', dryRunId, plan, planDigest: planned, findings: [], blockers: [] });
    row.dryRun = {
      dryRunId,
      operationId: operation.id,
      plan,
      planDigest: planned,
      findings: [],
      blockers: [],
      computedAt: this.clock(),
      ledgerIndex: (row.entries.length - 1) as LedgerIndex,
    };
    row.status = { ...row.status, operatorApproved: null };
    this.move(row, {
      dryRunId,
      planDigest: planned,
      reviewed: false,
      approved: false,
      operatorApproved: false,
    });
  }
}

const planned = ({ dryRunId, planDigest: sha256 }: OperationRecord) => ({
  dryRunId: dryRunId as DryRunId,
  planDigest: sha256 ?? digest('none'),
});

/** Who an actor token is for. */
const nameIn = (token: string): string => actorClaims.parse(parseJws(token)?.payload).name;

export const operationAt = (
  organization: OrganizationId,
  stage: OperationStage,
  at: Instant,
  kind: OperationRecord['kind'] = 'activate',
): OperationRecord => ({
  id: randomUUID() as OperationId,
  organization,
  kind,
  epoch: 1 as Epoch,
  stage,
  holdsLock: false,
  connectionId: null,
  dryRunId: null,
  planDigest: null,
  reviewed: false,
  approved: false,
  operatorApproved: false,
  outcome: null,
  reason: null,
  stageSince: at,
  openedAt: at,
});
