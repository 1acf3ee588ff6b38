import { type Actor, UNVERIFIED } from '../../domain/actor';
import { type ConnectionInput, identityOf } from '../../domain/connection';
import type { EnvelopeRecord } from '../../domain/custody';
import { sha256Hex } from '../../domain/digest';
import { Refusal } from '../../domain/failure';
import {
  type DryRunId,
  type Epoch,
  type Instant,
  instantOf,
  type KeyRef,
  type OperationId,
  type OrganizationId,
  type OrganizationName,
} from '../../domain/ids';
import { demandEntitling } from '../../domain/order';
import { type PlanFacts, planDigest, planOf } from '../../domain/plan';
import type { RotationAsk } from '../../domain/rotation';
import type {
  DueRotation,
  LockedFacts,
  OperationRecord,
  RotationFacts,
  SealingRule,
  StatusRecord,
  Store,
} from '../../store/contract';
import { DEPLOYMENT } from './authority';
import type { Effects } from './effects';
import { FakeIncidents } from './incidents';
import { isLive, proofOf, stagedBy } from './store-apply';
import type { OperationRow, Rows } from './store-rows';

/** What is read of the rows. */
export class FakeStoreReads {
  readonly all: Rows[] = [];
  readonly incidents = new FakeIncidents(
    () => this.now(),
    async (organization) => {
      const { custody } = this.rows(organization);
      return custody?.connectionId == null ? null : this.connection(custody.connectionId);
    },
  );

  constructor(
    protected readonly effects: Effects,
    private readonly clock: () => Promise<number>,
    protected readonly sealing: SealingRule,
  ) {}

  rows(organization: OrganizationId): Rows {
    const found = this.all.find((each) => each.organization.id === organization);
    if (found === undefined) throw new Refusal('ORGANIZATION_UNKNOWN');
    return found;
  }

  protected rowsByName = (name: OrganizationName) =>
    this.all.find(({ organization }) => organization.name === name);
  private operationRow(id: OperationId): { rows: Rows; row: OperationRow } {
    for (const rows of this.all) {
      const row = rows.operations.find((each) => each.id === id);
      if (row !== undefined) return { rows, row };
    }
    throw new Refusal('OPERATION_UNKNOWN');
  }

  readonly now = async (): Promise<Instant> => instantOf(await this.clock());

  readonly operation: Store['operation'] = async (organization, operationId) => {
    const rows = this.rows(organization);
    const row = rows.operations.find(({ id }) => id === operationId);
    return row === undefined ? null : record(rows, row);
  };

  readonly organizationByName: Store['organizationByName'] = async (name) =>
    this.rowsByName(name)?.organization ?? null;

  readonly status: Store['status'] = async (name) => {
    const rows = this.rowsByName(name);
    if (rows === undefined) return null;
    const operation = rows.operations.find(({ stage }) => stage !== 'closed') ?? rows.operations.at(-1);
    return {
      organization: rows.organization,
      custody: rows.custody,
      posture: this.incidents.open(rows.organization.id) === null ? 'normal' : 'degraded',
      operation: operation === undefined ? null : record(rows, operation),
      operatorApproved: approvedForOperator(rows, operation?.dryRunId ?? null),
      connection:
        rows.custody?.connectionId == null ? null : await this.connection(rows.custody.connectionId),
      newConnection: null,
      platformKey: rows.platformKey,
      drift: [],
      incident: this.incidents.open(rows.organization.id),
      ledgerSize: rows.ledger.length,
      handoff: rows.handoff,
    };
  };

  readonly latestOrder: Store['latestOrder'] = async (organization) =>
    [...this.rows(organization).orders].sort((a, b) => b.seq - a.seq)[0] ?? null;

  readonly orders: Store['orders'] = async (organization) =>
    this.rows(organization).orders.map(({ jws }) => jws);

  readonly approvals: Store['approvals'] = async (organization) =>
    this.rows(organization).approvals.map(({ evidence }) => evidence);

  readonly statements: Store['statements'] = async (organization) => this.rows(organization).statements;

  readonly approverKeys: Store['approverKeys'] = async (organization) => this.rows(organization).approvers;

  readonly connection: Store['connection'] = async (id) => {
    for (const { organization, connections } of this.all) {
      const row = connections.get(id);
      if (row === undefined) continue;
      const { input, digest, pinned } = row;
      const { externalId } = organization;
      return { id, organization: organization.id, externalId, input, digest, pinnedKeyRef: pinned };
    }
    return null;
  };

  /** Another organization that proved its access to the same role or key, and uses it. */
  protected ownerOf(proved: { input: ConnectionInput; keyRef: KeyRef | null }, except: OrganizationId) {
    const { key } = proved.input;
    const shares = ({ input, pinned }: { input: ConnectionInput; pinned: KeyRef | null }) =>
      identityOf(input) === identityOf(proved.input) ||
      [input.key, pinned].some((name) => name !== null && (name === key || name === proved.keyRef));
    return this.all.find(
      ({ organization, connections, custody, operations }) =>
        organization.id !== except &&
        [...connections].some(
          ([id, each]) =>
            each.pinned !== null &&
            shares(each) &&
            (custody?.connectionId === id ||
              operations.some(({ connectionId, stage }) => connectionId === id && stage !== 'closed')),
        ),
    );
  }

  readonly dryRun: Store['dryRun'] = async (operationId, which) => {
    const { rows, row } = this.operationRow(operationId);
    const id = which === 'current' ? row.dryRunId : which;
    return id === null ? null : (rows.dryRuns.get(id) ?? null);
  };

  readonly planFacts = async (operationId: OperationId): Promise<PlanFacts> => {
    const { rows, row } = this.operationRow(operationId);
    const { id, name } = rows.organization;
    if (row.kind === 'offboard') return this.offboardingFacts(rows, row);
    const order = demandEntitling(await this.latestOrder(id));
    const connection = row.connectionId === null ? null : await this.connection(row.connectionId);
    if (connection?.pinnedKeyRef == null || row.verification?.clean !== true) {
      throw new Refusal('VERIFICATION_MISSING');
    }
    const live = await this.liveEnvelopes(id);
    const { orderRef } = rows.orders.find(({ seq }) => seq === order.seq) ?? { orderRef: '' };
    const frame = {
      deployment: DEPLOYMENT,
      organization: { id, name },
      operationId,
      order: { orderRef, digest: sha256Hex(new TextEncoder().encode(order.jws)) },
      connection: {
        id: connection.id,
        digest: connection.digest,
        input: connection.input,
        keyRef: connection.pinnedKeyRef,
        verifiedBy: row.verification.index,
      },
      live: live.map(({ version, wrappedSha256, checkValue }) => ({
        version,
        envelopeSha256: wrappedSha256,
        checkValue,
      })),
    };
    if (row.kind === 'activate') {
      if (rows.platformKey === null || live.length === 0) throw new Refusal('NOT_READY');
      return { ...frame, kind: row.kind, platformKeyRef: rows.platformKey.keyRef };
    }
    if (row.kind !== 'change-connection') throw new Error(`nothing plans ${row.kind}`);
    const { custody } = rows;
    const former = custody?.connectionId ? await this.connection(custody.connectionId) : null;
    if (former?.pinnedKeyRef == null) throw new Refusal('NOT_CUSTOMER_CUSTODY');
    const from = { id: former.id, digest: former.digest, keyRef: former.pinnedKeyRef };
    return { ...frame, kind: row.kind, from };
  };

  private async offboardingFacts(rows: Rows, row: OperationRow): Promise<PlanFacts> {
    const { id, name } = rows.organization;
    if (row.verification?.clean !== true) throw new Refusal('VERIFICATION_MISSING');
    const connectionId = rows.custody?.connectionId ?? null;
    const connection = connectionId === null ? null : await this.connection(connectionId);
    if (connection?.pinnedKeyRef == null) throw new Refusal('NOT_CUSTOMER_CUSTODY');
    const live = await this.liveEnvelopes(id);
    const opened = saidBy(rows, row.id, 'operation-opened');
    return {
      kind: 'offboard',
      deployment: DEPLOYMENT,
      organization: { id, name },
      operationId: row.id,
      live: live.map(({ version, wrappedSha256, checkValue }) => ({
        version,
        envelopeSha256: wrappedSha256,
        checkValue,
      })),
      from: { id: connection.id, digest: connection.digest, keyRef: connection.pinnedKeyRef },
      startedBy: opened?.actor ?? UNVERIFIED,
    };
  }

  readonly operatorApproval: Store['operatorApproval'] = async (dryRunId) =>
    this.all
      .flatMap(({ operatorApprovals }) => operatorApprovals)
      .findLast((each) => each.dryRunId === dryRunId)?.proof ?? null;

  readonly wasLaunched: Store['wasLaunched'] = async (organization, operationId) =>
    saidBy(this.rows(organization), operationId, 'live-launched') !== null;

  readonly spareLeft: Store['spareLeft'] = async (organization, operationId) => {
    const rows = this.rows(organization);
    const row = rows.operations.find(
      ({ id, kind, stage, outcome }) =>
        id === operationId &&
        kind === 'offboard' &&
        stage === 'closed' &&
        outcome !== 'completed' &&
        saidBy(rows, id, 'live-launched') !== null &&
        saidBy(rows, id, 'spare-platform-key-retired') === null,
    );
    return row === undefined ? null : record(rows, row);
  };

  /** The signer's: of the last switch. */
  epochFloor(organization: OrganizationId): Epoch {
    return this.rows(organization).custody?.epoch ?? (0 as Epoch);
  }

  protected async lockedFacts(rows: Rows, operation: OperationRow): Promise<LockedFacts> {
    const dryRun = await this.dryRun(operation.id, 'current');
    if (dryRun?.plan == null || dryRun.planDigest === null) throw new Refusal('PLAN_UNKNOWN');
    const { plan } = dryRun;
    const planFacts = await this.planFacts(operation.id);
    const now = await this.now();
    if (planDigest(planOf(planFacts, plan.dryRunId, plan.computedAt)) !== dryRun.planDigest) {
      throw new Refusal('PLAN_CHANGED');
    }
    if (now >= plan.expiresAt) throw new Refusal('PLAN_EXPIRED');
    const approval = rows.approvals.findLast(
      (each) => each.dryRunId === dryRun.dryRunId && each.decision === 'approve',
    );
    return {
      planFacts,
      plan,
      planDigest: dryRun.planDigest,
      orderJws: (await this.latestOrder(rows.organization.id))?.jws ?? '',
      approval: approval ?? null,
      approverKeys: rows.approvers,
      operatorApproval: await this.operatorApproval(dryRun.dryRunId),
      newPlatformKey: (saidBy(rows, operation.id, 'platform-key-created')?.body['keyRef'] ??
        null) as KeyRef | null,
      staged: stagedBy(rows, operation),
      inUse: { custodyStatement: rows.custody?.statement ?? '', live: liveOf(rows) },
      now,
    };
  }

  readonly liveEnvelopes = async (organization: OrganizationId): Promise<EnvelopeRecord[]> =>
    liveOf(this.rows(organization));

  readonly supersededEnvelopes: Store['supersededEnvelopes'] = async (organization) => {
    const rows = this.rows(organization);
    const isStaging = ({ operationId }: EnvelopeRecord) =>
      rows.operations.some(({ id, stage }) => id === operationId && stage === 'live');
    return rows.envelopes
      .filter(({ record, erased }) => !erased && record.custody === 'customer' && !isLive(rows, record))
      .map((each) => each.record)
      .filter((each) => !isStaging(each));
  };

  readonly rotation: Store['rotation'] = async (organization, operationId) => {
    const { operations, ledger } = this.rows(organization);
    const row = operations.find(({ id }) => id === operationId);
    const said = ledger.map(
      ({ entry }) => JSON.parse(entry) as { type: string; operationId: string; body: never },
    );
    const opened = said.find((each) => each.type === 'operation-opened' && each.operationId === operationId);
    if (row === undefined || opened === undefined) throw new Refusal('OPERATION_UNKNOWN');
    const { ask } = opened.body as { ask: RotationAsk };
    return { ask, verification: row.verification, launched: row.launched };
  };

  readonly openIntakeIncidents: Store['openIntakeIncidents'] = async () =>
    this.all.flatMap(({ organization, ledger }) => {
      const said = ledger.map(({ entry }) => JSON.parse(entry) as { type: string; body: never });
      const of = (type: string) =>
        said.flatMap((each) =>
          each.type === `intake-incident-${type}` ? [each.body as { workflowId: string; runId: string }] : [],
        );
      const closed = new Set(of('closed').map(({ runId }) => runId));
      return of('opened')
        .filter(({ runId }) => !closed.has(runId))
        .map(({ workflowId, runId }) => ({ organization: organization.name, workflowId, runId }));
    });

  readonly openOperations: Store['openOperations'] = async () =>
    this.all.flatMap(({ organization, operations }) =>
      operations.flatMap(({ id, kind, stage }) => (stage === 'closed' ? [] : [{ id, kind, organization }])),
    );

  readonly rotationsDue: Store['rotationsDue'] = async ({ maxAgeDays }, only) => {
    const now = await this.clock();
    return this.all.flatMap(({ organization, due, custody, operations, ledger }): DueRotation[] => {
      if (custody?.custody !== 'customer' || (only !== undefined && only !== organization.name)) return [];
      const minted = ledger.findLast(({ entry }) => entry.includes('"minted":true'));
      const { at } = JSON.parse(minted?.entry ?? '{}') as { at: string };
      const isOld = now - Date.parse(at) >= maxAgeDays * 86_400_000;
      if (operations.some(({ kind, stage }) => kind === 'rotate' && stage !== 'closed')) return [];
      const cause = due[0]?.cause ?? (isOld ? 'age' : null);
      const newKeyVersion = isOld || due.some((each) => each.newKeyVersion);
      return cause === null ? [] : [{ organization, cause, newKeyVersion }];
    });
  };

  protected rotationFacts(rows: Rows, operation: OperationRow): RotationFacts {
    if (operation.launched === null) throw new Refusal('STAGE_MISMATCH');
    return {
      launched: operation.launched,
      custodyStatement: rows.custody?.statement ?? '',
      live: liveOf(rows),
      staged: stagedBy(rows, operation),
    };
  }

  readonly platformEnvelopes = async (organization: OrganizationId): Promise<EnvelopeRecord[]> =>
    this.rows(organization)
      .envelopes.filter((each) => !each.erased && each.record.custody === 'platform')
      .map((each) => each.record);

  readonly stagedEnvelopes: Store['stagedEnvelopes'] = async (operationId) => {
    const { rows, row } = this.operationRow(operationId);
    return stagedBy(rows, row);
  };

  readonly refusedWith: Store['refusedWith'] = async (organization, jti) =>
    this.rows(organization).spent.get(jti)?.code ?? null;

  readonly sealingProof: Store['sealingProof'] = async (organization, operationId) =>
    proofOf(this.rows(organization), operationId, this.sealing);

  readonly platformKey: Store['platformKey'] = async (organization) => {
    const { platformKey, custody } = this.rows(organization);
    return platformKey && { keyRef: platformKey.keyRef, custodyStatement: custody?.statement ?? null };
  };
}

interface SaidEntry {
  readonly type: string;
  readonly operationId: OperationId | null;
  readonly actor: Actor;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The first entry of that type by an operation. */
export const saidBy = ({ ledger }: Rows, operationId: OperationId, type: string): SaidEntry | null =>
  ledger
    .map(({ entry }) => JSON.parse(entry) as SaidEntry)
    .find((each) => each.type === type && each.operationId === operationId) ?? null;

function approvedForOperator(rows: Rows, dryRunId: DryRunId | null): StatusRecord['operatorApproved'] {
  const said = rows.ledger
    .map(({ entry }) => JSON.parse(entry) as { type: string; at: Instant; body: Record<string, unknown> })
    .findLast(({ type, body }) => type === 'operator-approved' && body['dryRunId'] === dryRunId);
  return said === undefined ? null : { by: String(said.body['by']), at: said.at };
}

const liveOf = (rows: Rows): EnvelopeRecord[] =>
  rows.envelopes
    .filter(({ record, erased }) => !erased && isLive(rows, record))
    .map((each) => each.record)
    .sort((a, b) => a.version - b.version);

export function record(rows: Rows, row: OperationRow): OperationRecord {
  const { claimant: _claimant, verification: _verification, launched: _launched, ...columns } = row;
  const { dryRunId } = row;
  const approved = rows.approvals.some((each) => each.dryRunId === dryRunId && each.decision === 'approve');
  return {
    ...columns,
    organization: rows.organization.id,
    planDigest: dryRunId === null ? null : (rows.dryRuns.get(dryRunId)?.planDigest ?? null),
    reviewed: dryRunId !== null && rows.reviewed.has(dryRunId),
    approved: dryRunId !== null && approved,
    operatorApproved: rows.operatorApprovals.some((each) => each.dryRunId === dryRunId),
  };
}
