import { randomUUID } from 'node:crypto';
import type { ActivityStore } from '../../activities/deps';
import { type Actor, SYSTEM, UNVERIFIED } from '../../domain/actor';
import type { ApproverKey } from '../../domain/approval';
import { type Change, type Committed, isMadeBy, MOVES } from '../../domain/change';
import { isApproved } from '../../domain/custody';
import { Refusal } from '../../domain/failure';
import { isClean } from '../../domain/finding';
import {
  type Epoch,
  type Instant,
  instantOf,
  type LedgerIndex,
  type OperationId,
  type OrganizationId,
} from '../../domain/ids';
import { entryBytes } from '../../domain/ledger-entry';
import type { OrderClaims } from '../../domain/order';
import { FIRST_STAGE } from '../../domain/stages';
import { requestDigest } from '../../store/commit/request-digest';
import type {
  ClaimRequest,
  CommitRequest,
  OperationRecord,
  OrganizationRecord,
  Store,
} from '../../store/contract';
import { DEPLOYMENT, signOrder } from './authority';
import { apply } from './store-apply';
import { FakeStoreReads, record } from './store-reads';
import { emptyRows, type OperationRow, type Rows } from './store-rows';

type Fenced = Exclude<CommitRequest, { fence: null }>;
/** The store's contract in memory: fencing, moves, idempotency and ledger are as strict as the real one's. */
export class FakeStore extends FakeStoreReads implements ActivityStore {
  private lock: Promise<unknown> = Promise.resolve();

  /** One transaction after the other. */
  private transaction<T>(body: () => Promise<T>): Promise<T> {
    const result = this.lock.then(body);
    this.lock = result.catch(() => undefined);
    return result;
  }

  readonly commit = (request: CommitRequest): Promise<Committed> =>
    this.effects.run(`store.commit ${request.change.type}`, () =>
      this.transaction(async () => {
        if (request.fence === null) return this.commitUnfenced(request);
        const rows = this.rows(request.fence.organization);
        const digest = requestDigest(request.change, {
          operationId: request.fence.operationId,
          from: request.from,
        });
        const before = rows.committed.get(request.idempotencyKey);
        if (before !== undefined) {
          if (before.digest !== digest) throw new Refusal('IDEMPOTENCY_KEY_REUSED');
          return { ...before.committed, replayed: true };
        }
        return this.commitNew(rows, request, digest);
      }),
    );

  /** Those without rows of their own; the others are made by give… and recordRefusal. */
  private async commitUnfenced({
    organization,
    idempotencyKey,
    change,
    actor,
  }: Extract<CommitRequest, { fence: null }>): Promise<Committed> {
    const isMade = /^((intake-)?incident|notice|rotation-due|drift-cleared)/.test(change.type);
    if (!isMade) throw new Error(`not made here: ${change.type}`);
    const rows = this.rows(organization);
    const before = rows.committed.get(idempotencyKey);
    if (before !== undefined) return { ...before.committed, replayed: true };
    if (change.type === 'rotation-due') rows.due.push(change);
    return this.write(rows, await this.now(), change, actor, null, idempotencyKey);
  }

  private async commitNew(
    rows: Rows,
    request: Fenced,
    digest: ReturnType<typeof requestDigest>,
  ): Promise<Committed> {
    const { fence, from, to, change, actor, idempotencyKey, closing, guard, rotationGuard } = request;
    const operation = rows.operations.find(({ id }) => id === fence.operationId);
    if (operation === undefined || operation.epoch !== fence.epoch) throw new Refusal('OPERATION_STALE');
    const isMove = MOVES[change.type].some(([start, end]) => start === from && end === to);
    if (operation.stage !== from || !isMove || !isMadeBy(change.type, operation.kind))
      throw new Refusal('STAGE_MISMATCH');
    if (change.type === 'custody-switched' && operation.kind === 'rotate') {
      if (rotationGuard === undefined || !operation.holdsLock) throw new Refusal('STAGE_MISMATCH');
      await rotationGuard(this.rotationFacts(rows, operation));
    } else if (change.type === 'custody-switched' && operation.kind !== 'create') {
      if (operation.kind === 'offboard' && this.incidents.open(rows.organization.id) !== null)
        throw new Refusal('INCIDENT_OPEN');
      if (guard === undefined || !operation.holdsLock) throw new Refusal('STAGE_MISMATCH');
      await guard(await this.lockedFacts(rows, operation));
    }
    if (change.type === 'verification-recorded' && isClean(change.findings)) {
      const connection = rows.connections.get(change.connectionId);
      if (connection !== undefined && this.ownerOf({ ...connection, ...change }, rows.organization.id))
        throw new Refusal('CONNECTION_IN_USE');
    }
    const at = await this.now();
    const index = rows.ledger.length as LedgerIndex;
    apply({ rows, operation, to, index, at, sealing: this.sealing }, change);
    if (from !== to) Object.assign(operation, { stage: to, stageSince: at });
    if (to === 'closed' && from !== 'closed') {
      Object.assign(operation, {
        holdsLock: false,
        outcome: closing?.outcome,
        reason: closing?.reason ?? null,
      });
    }
    return this.append(rows, at, { change, actor, idempotencyKey, digest, operation });
  }

  private append(
    rows: Rows,
    at: Instant,
    entry: {
      change: Change;
      actor: Actor;
      idempotencyKey: string;
      digest: ReturnType<typeof requestDigest>;
      operation: OperationRow | null;
    },
  ): Committed {
    const index = rows.ledger.length as LedgerIndex;
    const operationId = entry.operation?.id ?? null;
    const frame = { index, at, organization: rows.organization.id, actor: entry.actor, operationId };
    const bytes = entryBytes({ ...frame, epoch: entry.operation?.epoch ?? null }, entry.change);
    const text = new TextDecoder().decode(bytes);
    rows.ledger.push({ entry: text, bytes });
    const committed = { index, entry: text, at, replayed: false, operationId };
    rows.committed.set(entry.idempotencyKey, { digest: entry.digest, committed });
    return committed;
  }

  readonly createOrganization: Store['createOrganization'] = ({ name, claimant, actor, jti = null }) =>
    this.effects.run('store.createOrganization', () =>
      this.transaction(async () => {
        const known = this.rowsByName(name);
        if (known !== undefined) {
          const open = known.operations.find((each) => each.kind === 'create');
          if (open === undefined) throw new Error('created by no operation');
          if (open.claimant === claimant) return record(known, open);
          if (open.stage === 'closed') throw new Refusal('ORGANIZATION_EXISTS');
          if (!isFirst(known, jti, claimant)) throw new Refusal('ACTOR_INVALID');
          return this.takeOver(known, open, claimant, actor);
        }
        const at = await this.now();
        const organization: OrganizationRecord = {
          id: randomUUID() as OrganizationId,
          name,
          externalId: `ext-${name}`,
          createdAt: at,
        };
        const rows = emptyRows(organization);
        this.all.push(rows);
        isFirst(rows, jti, claimant);
        const operation = this.open(rows, 'create', claimant, at);
        operation.holdsLock = true;
        const { id, externalId } = organization;
        const names = { id, name, externalId, deployment: DEPLOYMENT };
        const created = { type: 'organization-created', ...names, mode: 'development' } as const;
        this.write(rows, at, created, actor, operation, 'organization-created');
        this.write(
          rows,
          at,
          { type: 'operation-opened', kind: 'create' },
          actor,
          operation,
          `claim/${operation.id}/${claimant}`,
        );
        return record(rows, operation);
      }),
    );

  readonly claim = ({
    organization,
    kind,
    claimant,
    actor: asked,
    jti = null,
    ask,
    only,
  }: ClaimRequest): Promise<OperationRecord> =>
    this.effects.run('store.claim', () =>
      this.transaction(async () => {
        const rows = this.rowsByName(organization);
        if (rows === undefined) throw new Refusal('ORGANIZATION_UNKNOWN');
        const at = await this.now();
        const own = rows.operations.findLast((each) => each.kind === kind && each.claimant === claimant);
        if (own !== undefined) return this.underLaterEpoch(rows, own, claimant, asked);
        const open = rows.operations.find((each) => each.kind === kind && each.stage !== 'closed');
        if (only !== undefined && open?.id !== only) throw new Refusal('OPERATION_UNKNOWN');
        const actor = isFirst(rows, jti, claimant) ? asked : UNVERIFIED;
        if (open === undefined) {
          const isActive = rows.custody?.custody === 'customer' && !rows.custody.sealing;
          if (kind === 'activate' && rows.custody?.custody === 'customer')
            throw new Refusal('ALREADY_ACTIVE');
          if (kind !== 'activate' && !isActive) throw new Refusal('NOT_CUSTOMER_CUSTODY');
          const isOpen = rows.operations.some((each) => isApproved(each.kind) && each.stage !== 'closed');
          if (isApproved(kind) && isOpen) throw new Refusal('OPERATION_OPEN');
          if (kind !== 'activate' && actor.kind === UNVERIFIED.kind) throw new Refusal('FORBIDDEN');
          if (kind === 'offboard' && this.incidents.open(rows.organization.id) !== null)
            throw new Refusal('INCIDENT_OPEN');
          const opened = this.open(rows, kind, claimant, at);
          if (kind === 'rotate' || kind === 'offboard')
            opened.connectionId = rows.custody?.connectionId ?? null;
          this.write(
            rows,
            at,
            { type: 'operation-opened', kind, ...(ask === undefined ? {} : { ask }) },
            actor.kind === 'system' && kind !== 'rotate' ? UNVERIFIED : actor,
            opened,
            `claim/${opened.id}/${claimant}`,
          );
          return record(rows, opened);
        }
        return this.takeOver(rows, open, claimant, actor);
      }),
    );

  /** Custody was switched by another operation since: it goes on under a later epoch. */
  private async underLaterEpoch(
    rows: Rows,
    own: OperationRow,
    claimant: string,
    actor: Actor,
  ): Promise<OperationRecord> {
    const passed = rows.custody?.epoch ?? 0;
    if (own.stage === 'closed' || own.stage === 'sealing' || passed <= own.epoch) return record(rows, own);
    own.epoch = nextEpoch(rows);
    const key = `claim/${own.id}/${claimant}/after/${passed}`;
    const change = { type: 'operation-claimed', kind: own.kind } as const;
    this.write(rows, await this.now(), change, actor, own, key);
    return record(rows, own);
  }

  private async takeOver(
    rows: Rows,
    open: OperationRow,
    claimant: string,
    actor: Actor,
  ): Promise<OperationRecord> {
    const key = `claim/${open.id}/${claimant}`;
    if (rows.committed.has(key)) throw new Refusal('OPERATION_STALE');
    Object.assign(open, { epoch: nextEpoch(rows), claimant });
    this.write(rows, await this.now(), { type: 'operation-claimed', kind: open.kind }, actor, open, key);
    return record(rows, open);
  }

  private open(rows: Rows, kind: OperationRow['kind'], claimant: string, at: Instant): OperationRow {
    const row: OperationRow = {
      id: randomUUID() as OperationId,
      kind,
      openedAt: at,
      epoch: nextEpoch(rows),
      claimant,
      stage: FIRST_STAGE[kind],
      stageSince: at,
      holdsLock: false,
      connectionId: null,
      verification: null,
      dryRunId: null,
      outcome: null,
      reason: null,
      launched: null,
    };
    rows.operations.push(row);
    return row;
  }

  private write(
    rows: Rows,
    at: Instant,
    change: Change,
    actor: Actor,
    operation: OperationRow | null,
    idempotencyKey: string,
  ): Committed {
    return this.append(rows, at, {
      change,
      actor,
      idempotencyKey,
      digest: requestDigest(change, null),
      operation,
    });
  }

  readonly recordRefusal: Store['recordRefusal'] = ({ organization, subject, code, actor, jti = null }) =>
    this.effects.run('store.recordRefusal', () =>
      this.transaction(async () => {
        const rows = this.rows(organization);
        const at = await this.now();
        if (jti !== null && !rows.spent.has(jti)) rows.spent.set(jti, { code });
        const minute = instantOf(Date.parse(at) - (Date.parse(at) % 60_000));
        const last = rows.refusals.get(subject);
        if (last?.minute === minute) {
          last.count += 1;
          return;
        }
        rows.refusals.set(subject, { minute, count: 1 });
        const change = { type: 'refusal', subject, code, minute, count: 1 } as const;
        this.write(rows, at, change, actor, null, `refusal/${subject}/${minute}`);
      }),
    );

  readonly recordIncidents: Store['recordIncidents'] = (ownerOf, only) =>
    this.effects.run('store.recordIncidents', () => this.incidents.record(ownerOf, only));

  readonly probeRefused: Store['probeRefused'] = (organization, code, requestId) =>
    this.effects.run('store.probeRefused', () =>
      this.incidents.refused('probe', organization, code, requestId),
    );

  readonly closeIncident: Store['closeIncident'] = (organization, id, since, proof) =>
    this.effects.run('store.closeIncident', () => this.incidents.close(organization, id, since, proof));

  /** As the API does when commerce sends an order. */
  async giveOrder(
    organization: OrganizationId,
    claims: Partial<OrderClaims> & Pick<OrderClaims, 'seq' | 'exp'>,
    key?: string,
  ): Promise<string> {
    const whole = {
      iss: 'commerce',
      aud: DEPLOYMENT,
      kind: 'order',
      org: organization,
      orderRef: `ORDER-${claims.seq}`,
      jti: randomUUID(),
      iat: 0,
      approver: { thumbprint: 'a'.repeat(43), role: 'customer-admin' },
      ...claims,
    } as OrderClaims;
    const jws = signOrder(whole, key);
    const { kind, seq, orderRef, jti } = whole;
    const rows = this.rows(organization);
    rows.orders.push({ jws, seq, kind, orderRef });
    const exp = instantOf(whole.exp * 1000);
    const change = { type: 'order-accepted', jws, orderRef, jti, seq, kind, exp } as const;
    this.write(rows, await this.now(), change, { kind: 'commerce', name: 'commerce' }, null, `order/${jti}`);
    return jws;
  }

  async giveApprover(organization: OrganizationId, key: ApproverKey): Promise<void> {
    const rows = this.rows(organization);
    const others = rows.approvers.filter(({ credentialId }) => credentialId !== key.credentialId);
    rows.approvers.splice(0, rows.approvers.length, ...others, key);
    const change = { type: 'approver-enrolled', key, by: { kind: 'order', orderRef: 'ORDER-1' } } as const;
    this.write(
      rows,
      await this.now(),
      change,
      SYSTEM,
      null,
      `approver/${key.credentialId}/${rows.ledger.length}`,
    );
  }
}

const nextEpoch = (rows: Rows): Epoch =>
  (Math.max(0, ...rows.operations.map(({ epoch }) => epoch)) + 1) as Epoch;

/** Whether the token is this claimant's to start with. */
function isFirst({ spent }: Rows, jti: string | null, claimant: string): boolean {
  if (jti === null) return true;
  const known = spent.get(jti) ?? { claimant };
  spent.set(jti, known);
  return known.claimant === claimant;
}
