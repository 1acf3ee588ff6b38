import type { NoticeDeps, OwnRecipient } from '../../activities';
import type { Actor } from '../../domain/actor';
import type { Code } from '../../domain/codes';
import type {
  EndpointId,
  Instant,
  LedgerIndex,
  OperationId,
  OrganizationId,
  OrganizationName,
} from '../../domain/ids';
import type { IncidentFacts } from '../../domain/incident-facts';
import type { Mail } from '../../domain/mail';
import { type OperationFacts, TOLD_KINDS } from '../../domain/operation-facts';
import type {
  Couriers,
  DeclaredWindow,
  Handed,
  IncidentContact,
  NoticeEndpoint,
  NoticeRecords,
} from '../../domain/ports/notices';
import type { Outcome } from '../../domain/stages';
import type { WebhookCall } from '../../domain/webhook';
import { endpointSecret } from '../../domain/webhook';
import { DEPLOYMENT } from './authority';
import type { Effects } from './effects';
import type { FakeStore } from './store';

export const WEBHOOK_KEY = new Uint8Array(32).fill(9);
const ACCEPTED: Handed = { verdict: 'accepted', statusClass: 2 };

interface Entry {
  readonly type: string;
  readonly index: LedgerIndex;
  readonly at: Instant;
  readonly actor: Actor;
  readonly operationId: OperationId | null;
  readonly body: { readonly kind?: string; readonly outcome?: Outcome; readonly reason?: Code | null };
}

/** People who are told, and what there is on record of them. */
export class FakeNotices implements NoticeDeps {
  readonly deployment = DEPLOYMENT;
  readonly own: OwnRecipient[] = [];
  readonly incidents = new Map<string, IncidentFacts>();
  readonly contacts: IncidentContact[] = [];
  readonly endpoints: NoticeEndpoint[] = [];
  readonly windows: DeclaredWindow[] = [];
  readonly posted: WebhookCall[] = [];
  readonly mailed: Mail[] = [];
  /** What an address answers with, next one first; without one it accepts. */
  readonly answers = new Map<string, Handed[]>();

  constructor(
    private readonly effects: Effects,
    private readonly store: FakeStore,
  ) {}

  readonly records: NoticeRecords = {
    incidentFacts: async (id) => this.incidents.get(id) ?? this.recorded(id),
    operationFacts: async (id) => this.operation(id),
    operationsToTell: async () =>
      this.store.all.flatMap(({ organization, operations }) =>
        operations
          .filter(({ kind }) => TOLD_KINDS.some((told) => told === kind))
          .map(({ id, stage }) => ({
            id,
            organization: organization.name,
            isEnded: stage === 'handoff' || stage === 'closed',
          })),
      ),
    incidentContacts: async () => this.contacts,
    noticeEndpoints: async () => this.endpoints,
    maintenanceWindows: async () => this.windows,
    told: async (organization, keys) => {
      const { committed } = this.store.rows(organization);
      const told = keys.flatMap((key) => {
        const entry = committed.get(key)?.committed.entry;
        const type = entry === undefined ? '' : (JSON.parse(entry) as { type: string }).type;
        return type === 'notice-delivered' || type === 'notice-failed' ? [[key, type] as const] : [];
      });
      return new Map(told);
    },
  };

  /** As the store's own incidents have it. */
  private recorded(id: string): IncidentFacts | null {
    const found = this.store.incidents.all.find((each) => each.id === id);
    if (found === undefined) return null;
    const {
      code,
      owner,
      requestId,
      refusals,
      probes,
      firstRefusalAt: openedAt,
      lastRefusalAt,
      closedAt,
    } = found;
    const { id: organization, name } = this.store.rows(found.organization).organization;
    return {
      ...{ id: found.id, organization: { id: organization, name }, code, owner, requestId, refusals, probes },
      ...{ openedAt, lastRefusalAt, closedAt, entries: { opened: null, closed: null } },
    };
  }

  /** As the store's ledger has it. */
  private operation(id: OperationId): OperationFacts | null {
    for (const { organization, ledger } of this.store.all) {
      const entries = ledger
        .map(({ entry }) => JSON.parse(entry) as Entry)
        .filter(({ operationId }) => operationId === id);
      const opened = entries.find(({ type }) => type === 'operation-opened');
      const kind = TOLD_KINDS.find((told) => told === opened?.body.kind);
      if (opened === undefined || kind === undefined) continue;
      const end = entries.find(
        ({ type }) => type === 'operation-closed' || type === 'superseded-envelopes-erased',
      );
      return {
        ...{ id, kind, organization: { id: organization.id, name: organization.name } },
        ...{ startedBy: opened.actor.kind, openedAt: opened.at, openedIndex: opened.index },
        end:
          end === undefined
            ? null
            : {
                outcome: end.body.outcome ?? 'completed',
                ...{ reason: end.body.reason ?? null, at: end.at, index: end.index },
              },
      };
    }
    return null;
  }

  readonly couriers: Couriers = {
    post: (call) =>
      this.effects.run('post', async () => {
        this.posted.push(call);
        return this.answerOf(call.url);
      }),
    mail: (mail) =>
      this.effects.run('mail', async () => {
        this.mailed.push(mail);
        return this.answerOf(mail.to);
      }),
  };

  readonly endpointSecret = (organization: OrganizationId, endpoint: EndpointId): string =>
    endpointSecret(WEBHOOK_KEY, organization, endpoint);
  readonly statusUrl = (organization: OrganizationName): string => `https://smsk.test/${organization}`;

  private answerOf(address: string): Handed {
    return this.answers.get(address)?.shift() ?? ACCEPTED;
  }

  endpointAt(url: string, nth = 1): NoticeEndpoint {
    const endpoint = `5b1c9f0e-0000-4000-8000-00000000000${nth}` as EndpointId;
    const registered = { registeredAt: '2026-01-01T00:00:00.000Z' as Instant, index: nth as LedgerIndex };
    const made = { endpoint, url, ...registered };
    this.endpoints.push(made);
    return made;
  }
}
