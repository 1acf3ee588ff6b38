import { cipherEvents } from '../../../api/cipher-events';
import type { ProviderCode, RequestCode } from '../../../domain/codes';
import type { NamedReference, NamedReferences, UsableReference } from '../../../domain/credential-reference';
import { ProviderFailure } from '../../../domain/failure';
import { checksOf } from '../../../domain/finding';
import { instantOf, type LedgerIndex, type OrganizationId, type RequestId } from '../../../domain/ids';
import type { Handed } from '../../../domain/ports/notices';
import type { Verifier } from '../../../domain/ports/provider';
import type { WebhookCall } from '../../../domain/webhook';
import { observing } from '../../../providers/calls/observing';
import { canariesOf } from '../../../providers/control-probe/canaries';
import { createControlProbe } from '../../../providers/control-probe/control-probe';
import { observingControl } from '../../../providers/control-probe/observing';
import { observingCouriers } from '../../../providers/notify/observing';
import { watchAudits } from '../../../runtime/audit-metrics';
import { watchIncidents } from '../../../runtime/incident-metrics';
import { watchLedgers } from '../../../runtime/ledger-metrics';
import { createLogger } from '../../../runtime/logging';
import { createMetrics } from '../../../runtime/metrics';
import { MINUTE_MS, startRounds } from '../../../runtime/rounds';
import { watchSweeps } from '../../../runtime/sweep-metrics';
import type { Store } from '../../../store/contract';
import { everyMinute } from '../../../workers/every-minute';
import { startRelay } from '../../../workers/relay';
import { resumingOperations } from '../../../workers/resume';
import { REGISTERED_ENDS } from '../../fakes/registered-ends';
import { type Sample, type Scraped, samplesOf } from './evaluate';

const DAY_MS = 86_400_000;
/** Between the two scrapes. */
const BETWEEN_MS = 360_000;
const TARGET = { instance: 'worker-1', job: 'smsk' };
export const ACME = '6f1d9bfc-6d39-4b3b-9d0a-b0a1a6e4f002' as OrganizationId;
const quiet = createLogger('test', 'silent');

const CANARY = {
  organization: '6f1d9bfc-6d39-4b3b-9d0a-b0a1a6e4f001' as OrganizationId,
  externalId: `smsk-${'0'.repeat(40)}`,
  aws: {
    region: 'eu-central-1',
    key: 'arn:aws:kms:eu-central-1:999900002222:key/0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f',
    roleArn: 'arn:aws:iam::999900002222:role/canary',
  },
  azure: null,
} as const;

/** What a process meets, and what a database says. */
const WELL = {
  /** The process is away. */
  isDown: false,
  isTemporalDown: false,
  isDatabaseDown: false,
  canaryFailsWith: null as ProviderCode | null,
  /** What an operation on content ends with, and how long its unwrap takes. */
  content: 'OK' as 'OK' | RequestCode,
  unwrapMs: 40,
  callsEndWith: 'OK' as 'OK' | ProviderCode,
  receiver: 'accepted' as Handed['verdict'],
  daysOfCredential: 300,
  daysOfCertificate: 300,
  sweepCompletedAgoMs: 60_000,
  sweepLagMs: 0,
  auditCompletedAgoMs: 60_000,
  findings: {} as Readonly<Record<string, number>>,
  /** Findings by code, and open incidents by owner. */
  standing: {} as Readonly<Record<string, number>>,
  open: { customer: 0, provider: 0, operator: 0, unknown: 0 } as Readonly<Record<string, number>>,
  untoldMs: 0,
  intake: 0,
  /** What this process found of ledgers. */
  ledgersBehind: [] as readonly string[],
  /** Whose ledger stays behind, as the configuration says. */
  leftClosed: [] as readonly string[],
  /** Open operations have no run, and lose the ones that they are given. */
  runsAreLost: false,
};
export type Changes = Partial<typeof WELL>;

/**
 * A deployment's one process, as far as it is measured: what counts is the product's, what it counts is played. Timers
 * must be jest's.
 */
export class Deployment {
  private readonly is: typeof WELL;
  private readonly metrics = createMetrics();
  private readonly canary = createControlProbe({
    verifier: { verify: (connection, signal) => this.verified(connection, signal) },
    canaries: canariesOf(CANARY),
    clock: Date.now,
    observe: observingControl(quiet, this.metrics),
  });
  private readonly call = observing(quiet, this.metrics.providerCalls);
  private readonly cipher = cipherEvents(quiet, this.metrics);
  private readonly couriers = observingCouriers(
    { post: async () => ({ verdict: this.is.receiver, statusClass: null }), mail: null },
    this.metrics.notices,
  );

  constructor(changes: Changes = {}) {
    this.is = { ...WELL, ...changes };
    const { registry } = this.metrics;
    watchSweeps(registry, async () => {
      const { sweepCompletedAgoMs, sweepLagMs: lagMs, standing } = this.is;
      return { completedAt: instantOf(Date.now() - sweepCompletedAgoMs), lagMs, standing };
    });
    watchAudits(registry, async () => {
      const { auditCompletedAgoMs, findings } = this.is;
      return { completedAt: instantOf(Date.now() - auditCompletedAgoMs), findings };
    });
    watchIncidents(registry, async () => this.is);
    const behind = () => this.is.ledgersBehind.map((relation) => ({ relation, organization: { id: ACME } }));
    watchLedgers(registry, behind, this.is.leftClosed);
  }

  /** Two scrapes, six minutes apart, of a process that works all the while. */
  async scraped(): Promise<Scraped> {
    const beside = { metrics: this.metrics, logger: quiet, clock: Date.now };
    const stopMinutes = startRounds(everyMinute(this.minute(), this.daysLeft()), MINUTE_MS, beside);
    const stopRelay = startRelay(this.store(), this.recoveries(), quiet, this.metrics);
    const resume = async () => this.is.runsAreLost;
    const lookers = { store: this.store(), resume, clock: Date.now, metrics: this.metrics, logger: quiet };
    const looks = { operations: resumingOperations(lookers) };
    const stopLooks = startRounds(looks, MINUTE_MS, beside);
    await this.work();
    const before = await this.scrape();
    await jest.advanceTimersByTimeAsync(BETWEEN_MS);
    await this.work();
    const now = await this.scrape();
    await Promise.all([stopMinutes(), stopRelay(), stopLooks()]);
    return { before, now };
  }

  private minute() {
    const door = { closed: new Map(), look: async () => undefined };
    return { store: this.store(), controlProbe: this.canary, door };
  }

  private async scrape(): Promise<{ at: number; samples: readonly Sample[] }> {
    const text = this.is.isDown ? '' : await this.metrics.registry.metrics();
    const up = { name: 'up', labels: TARGET, value: this.is.isDown ? 0 : 1 };
    return { at: Date.now() / 1000, samples: [up, ...samplesOf(text, TARGET)] };
  }

  /** What a hundred customers' operations, a canary's verification and ten notices leave. */
  private async work(): Promise<void> {
    const { content, unwrapMs, callsEndWith } = this.is;
    const requestId = null as RequestId | null;
    for (let i = 0; i < 100; i += 1) {
      const about = { organization: ACME, requestId };
      const what = { operation: 'encrypt', items: 1, bytes: 10, providerCode: null, durationMs: 50 } as const;
      this.cipher.onOperation({ ...about, ...what, code: content });
      const group = { provider: 'aws-kms', keyVersion: 1 as never, groupSize: 1, operations: 1 } as const;
      this.cipher.observe({ ...about, ...group, code: 'OK', unwrapMs });
      this.call({ ...about, provider: 'aws-kms', operation: 'decrypt', code: callsEndWith, ms: 40 });
    }
    await this.canary.outcome('aws-kms');
    for (let i = 0; i < 10; i += 1) await this.couriers.post({} as WebhookCall);
  }

  private verified: Verifier['verify'] = async ({ input }) => {
    if (this.is.canaryFailsWith !== null) throw new ProviderFailure(this.is.canaryFailsWith);
    const findings = checksOf(input).map((check) => ({ check, result: 'ok', requestId: null }) as const);
    return { findings, keyRef: null, canary: null };
  };

  /** An outbox with one incident in it, and one organization. */
  private store(): Store {
    const answered =
      <T>(answer: T) =>
      async (): Promise<T> => {
        if (this.is.isDatabaseDown) throw new Error('no database');
        return answer;
      };
    const counts = { confirmed: {}, pending: null, last: null } as unknown as NamedReference;
    return {
      now: async () => instantOf(Date.now()),
      rollUpUsage: answered(0),
      recordIncidents: answered(0),
      flushRefusals: answered(0),
      organizationsWithReferences: answered([{ id: ACME, name: 'acme' }]),
      unsignedLedgers: answered([]),
      references: answered(new Map([['acme-wrap', counts]]) as NamedReferences),
      untoldIncidents: answered([
        { incident: '1', organization: { id: ACME, name: 'acme' }, what: 'refused' },
      ]),
      toldIncidents: answered([]),
      incidentTold: answered(undefined),
      openOperations: answered(
        ['1', '2', '3'].map((id) => ({ id, kind: 'activate', organization: { id: ACME, name: 'acme' } })),
      ),
    } as unknown as Store;
  }

  private recoveries() {
    const asked = async () => {
      if (this.is.isTemporalDown) throw new Error('no Temporal');
    };
    return { tell: asked, isRunning: async () => true };
  }

  private daysLeft() {
    const endOf = (days: number) => Date.now() + days * DAY_MS;
    const find = async (organization: OrganizationId, name: string): Promise<UsableReference> => ({
      ...{ organization, name, provider: 'aws-kms', key: 'arn', identity: 'arn', locator: `aws:${name}` },
      notAfter: instantOf(endOf(this.is.daysOfCredential)),
      registration: 4 as LedgerIndex,
    });
    return {
      store: this.store(),
      references: { find },
      ends: REGISTERED_ENDS,
      certificates: () => [{ clientId: 'app', expiresAtMs: endOf(this.is.daysOfCertificate) }],
      clock: Date.now,
      metrics: this.metrics,
    };
  }
}
