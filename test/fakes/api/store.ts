import type { Actor } from '../../../domain/actor';
import type { ApproverKey } from '../../../domain/approval';
import type { Change, Committed } from '../../../domain/change';
import type { Code } from '../../../domain/codes';
import { sha256Hex } from '../../../domain/digest';
import { Refusal } from '../../../domain/failure';
import type {
  Instant,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
  Sha256Hex,
} from '../../../domain/ids';
import { entryBytes } from '../../../domain/ledger-entry';
import type { DeclaredWindow, NoticeEndpoint } from '../../../domain/ports/notices';
import type { Signer } from '../../../domain/ports/signer';
import { nodeSuite } from '../../../ledger/node/suite';
import { originOf } from '../../../ledger/verify/checkpoint';
import { consistencyProof } from '../../../ledger/verify/consistency';
import { concatHashes, leafHash, rootOfLeaves } from '../../../ledger/verify/tree';
import type {
  DryRunRecord,
  KeysRecord,
  OperationRecord,
  OrganizationRecord,
  StatusRecord,
  Store,
  TokenRecord,
} from '../../../store/contract';
import { KeptReferences } from './references';

export interface Row {
  readonly organization: OrganizationRecord;
  status: StatusRecord;
  readonly operations: OperationRecord[];
  dryRun: DryRunRecord | null;
  readonly orders: { jws: string; seq: number; kind: 'order' | 'withdrawal' }[];
  readonly approvers: ApproverKey[];
  readonly enrolments: string[];
  readonly approvals: string[];
  readonly references: KeptReferences;
  endpoints: NoticeEndpoint[];
  windows: DeclaredWindow[];
  keys: KeysRecord;
  readonly entries: string[];
  readonly committed: Map<string, Committed>;
  checkpoint: { size: number; note: string } | null;
}

/** What the API uses of the store, in memory; a test sets what it wants to be there. The ledger is a real one. */
export class ApiStore {
  readonly rows = new Map<string, Row>();
  readonly tokens = new Map<string, TokenRecord>();
  readonly refusals: { subject: string; code: Code; organization: OrganizationId }[] = [];
  /** A query that fails as databases do: with words nobody outside may read. */
  broken: Error | null = null;

  constructor(
    private readonly signer: Signer,
    private readonly deployment: string,
    private readonly clock: () => Instant,
  ) {}

  /** As the store is typed for the API. Whatever isn't here isn't used by it. */
  get asStore(): Store {
    return this as unknown as Store;
  }

  addOrganization(name: string, id: string): Row {
    const organization = {
      id: id as OrganizationId,
      name: name as OrganizationName,
      externalId: `smsk-${digest(name).slice(0, 40)}`,
      createdAt: this.clock(),
    };
    const status: StatusRecord = {
      organization,
      custody: null,
      posture: 'normal',
      operation: null,
      operatorApproved: null,
      connection: null,
      newConnection: null,
      platformKey: null,
      incident: null,
      drift: [],
      ledgerSize: 0,
      handoff: null,
    };
    const row: Row = {
      organization,
      status,
      operations: [],
      dryRun: null,
      orders: [],
      approvers: [],
      enrolments: [],
      approvals: [],
      references: new KeptReferences(),
      endpoints: [],
      windows: [],
      keys: { rotation: null, due: null, keyRefs: [] },
      entries: [],
      committed: new Map(),
      checkpoint: null,
    };
    this.rows.set(name, row);
    const { externalId } = organization;
    const created = { id: organization.id, name: organization.name, externalId, deployment: this.deployment };
    this.append(
      row,
      { kind: 'support', name: 'sam' },
      { type: 'organization-created', ...created, mode: 'development' },
    );
    return row;
  }

  addToken(token: string, record: TokenRecord): void {
    this.tokens.set(sha256Hex(new TextEncoder().encode(token)), record);
  }

  removeToken(token: string): void {
    this.tokens.delete(sha256Hex(new TextEncoder().encode(token)));
  }

  append(row: Row, actor: Actor, change: Change, operationId: OperationId | null = null): Committed {
    const index = row.entries.length as LedgerIndex;
    const at = this.clock();
    const frame = { index, at, organization: row.organization.id, actor, operationId, epoch: null };
    const entry = new TextDecoder().decode(entryBytes(frame, change));
    row.entries.push(entry);
    row.status = { ...row.status, ledgerSize: row.entries.length };
    return { index, entry, at, replayed: false, operationId };
  }

  /** The operation as the API reads it. */
  setOperation(row: Row, operation: OperationRecord): void {
    const at = row.operations.findIndex(({ id }) => id === operation.id);
    if (at === -1) row.operations.push(operation);
    else row.operations[at] = operation;
    row.status = { ...row.status, operation };
  }

  row(id: OrganizationId): Row {
    const row = [...this.rows.values()].find(({ organization }) => organization.id === id);
    if (row === undefined) throw new Refusal('ORGANIZATION_UNKNOWN');
    return row;
  }

  readonly tokenBySha256: Store['tokenBySha256'] = async (sha256) => {
    if (this.broken !== null) throw this.broken;
    return this.tokens.get(sha256) ?? null;
  };
  readonly organizationByName: Store['organizationByName'] = async (name) =>
    this.rows.get(name)?.organization ?? null;
  readonly organizations: Store['organizations'] = async () =>
    [...this.rows.values()].map(({ organization }) => organization);
  readonly status: Store['status'] = async (name) => this.rows.get(name)?.status ?? null;
  lastAuditFound: Awaited<ReturnType<Store['lastAudit']>> = { at: null, wholeAt: null, findings: [] };
  readonly lastAudit: Store['lastAudit'] = async () => this.lastAuditFound;
  readonly auditSoon: Store['auditSoon'] = async () => {
    this.lastAuditFound = { at: this.clock(), wholeAt: this.clock(), findings: [] };
  };
  readonly keys: Store['keys'] = async (organization) => this.row(organization).keys;
  readonly operation: Store['operation'] = async (organization, id) =>
    this.row(organization).operations.find((operation) => operation.id === id) ?? null;
  readonly dryRun: Store['dryRun'] = async (operationId) => {
    const row = [...this.rows.values()].find(({ operations }) =>
      operations.some(({ id }) => id === operationId),
    );
    return row?.dryRun ?? null;
  };

  readonly commit: Store['commit'] = async (request) => {
    if (request.fence !== null) throw new Error('the API makes no fenced change');
    const row = this.row(request.organization);
    const before = row.committed.get(request.idempotencyKey);
    if (before !== undefined) return { ...before, replayed: true };
    const { change } = request;
    const taken = row.references.judged(
      change,
      request.actor,
      row.entries.length as LedgerIndex,
      this.clock(),
    );
    if (change.type === 'order-accepted')
      row.orders.push({ jws: change.jws, seq: change.seq, kind: change.kind });
    if (change.type === 'approver-enrolled') row.approvers.push(change.key);
    const enrolment =
      change.type === 'approver-enrolled'
        ? change.key.enrolment
        : change.type === 'approver-removed'
          ? change.enrolment
          : undefined;
    if (enrolment !== undefined) row.enrolments.push(enrolment);
    if (change.type === 'approver-removed') {
      const at = row.approvers.findIndex(({ credentialId }) => credentialId === change.credentialId);
      const key = row.approvers[at];
      if (key !== undefined) row.approvers[at] = { ...key, removedAt: this.clock() };
    }
    if (
      change.type === 'endpoint-removed' &&
      !row.endpoints.some((each) => each.endpoint === change.endpoint)
    )
      throw new Refusal('ENDPOINT_UNKNOWN');
    if (change.type === 'maintenance-cancelled' && !row.windows.some((each) => isLive(each, change.cancels)))
      throw new Refusal('MAINTENANCE_UNKNOWN');
    const committed = this.append(row, request.actor, change);
    taken?.();
    this.notices(row, change, committed);
    row.committed.set(request.idempotencyKey, committed);
    return committed;
  };

  private notices(row: Row, change: Change, { at, index }: Committed): void {
    if (change.type === 'endpoint-registered') {
      const { endpoint, url } = change;
      row.endpoints.push({ endpoint, url, registeredAt: at, index });
    }
    if (change.type === 'endpoint-removed')
      row.endpoints = row.endpoints.filter(({ endpoint }) => endpoint !== change.endpoint);
    if (change.type === 'maintenance-declared') {
      const { type: _type, ...window } = change;
      row.windows.push({ ...window, declaredAt: at, cancelledAt: null, index });
    }
    if (change.type === 'maintenance-cancelled')
      row.windows = row.windows.map((each) =>
        each.nonce === change.cancels ? { ...each, cancelledAt: at } : each,
      );
  }

  readonly noticeEndpoints: Store['noticeEndpoints'] = async (organization) =>
    this.row(organization).endpoints;
  readonly maintenanceWindows: Store['maintenanceWindows'] = async (organization) =>
    this.row(organization).windows;

  readonly recordRefusal: Store['recordRefusal'] = async ({ organization, subject, code, actor, found }) => {
    this.refusals.push({ organization, subject, code });
    const minute = this.clock();
    const change = { type: 'refusal', subject, code, minute, count: 1, ...(found ? { found } : {}) } as const;
    this.append(this.row(organization), actor, change);
  };

  readonly references: Store['references'] = async (organization) => this.row(organization).references.named;
  readonly locators: Store['locators'] = async (organization) => this.row(organization).references.locators;
  readonly usableReference: Store['usableReference'] = async (organization, name) =>
    this.row(organization).references.usable(organization, name);

  readonly latestOrder: Store['latestOrder'] = async (organization) =>
    [...this.row(organization).orders].sort((a, b) => b.seq - a.seq)[0] ?? null;
  readonly orders: Store['orders'] = async (organization) =>
    this.row(organization).orders.map(({ jws }) => jws);
  readonly approverKeys: Store['approverKeys'] = async (organization) => [
    ...this.row(organization).approvers,
  ];
  readonly enrolments: Store['enrolments'] = async (organization) => this.row(organization).enrolments;
  readonly approvals: Store['approvals'] = async (organization) => this.row(organization).approvals;
  readonly usageRows: Store['usageRows'] = async () => [];
  readonly statements: Store['statements'] = async () => [];

  readonly ledgerHead: Store['ledgerHead'] = async (organization) => {
    const leaves = this.leaves(organization);
    return { size: this.row(organization).entries.length, root: rootOfLeaves(nodeSuite, leaves) };
  };
  readonly ledgerLines: Store['ledgerLines'] = async (organization, from, limit) =>
    this.row(organization)
      .entries.map((entry, index) => ({ index: index as LedgerIndex, entry }))
      .slice(from, from + limit);
  readonly latestCheckpoint: Store['latestCheckpoint'] = async (organization) =>
    this.row(organization).checkpoint;
  readonly publishCheckpoint: Store['publishCheckpoint'] = async (organization) => {
    const row = this.row(organization);
    const origin = originOf(this.deployment, organization);
    const { size, root } = await this.ledgerHead(organization);
    const last = await this.signer.lastHead(origin);
    const proof = consistencyProof(nodeSuite, this.leaves(organization), last?.size ?? 0);
    const note = await this.signer.signCheckpoint({ origin, size, root, consistencyProof: proof });
    row.checkpoint = { size, note };
    return note;
  };
  private leaves(organization: OrganizationId): Uint8Array {
    const utf8 = new TextEncoder();
    return concatHashes(
      this.row(organization).entries.map((entry) => leafHash(nodeSuite, utf8.encode(entry))),
    );
  }

  readonly now: Store['now'] = async () => this.clock();
  readonly ping: Store['ping'] = async () => {
    if (this.broken !== null) throw this.broken;
  };
}

const isLive = ({ nonce, cancelledAt }: DeclaredWindow, named: string): boolean =>
  nonce === named && cancelledAt === null;

export const digest = (text: string): Sha256Hex => sha256Hex(new TextEncoder().encode(text));
