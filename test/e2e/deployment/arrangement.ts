import { randomBytes, randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { Role } from '../../../domain/actor';
import type { ApprovalEvidence } from '../../../domain/approval';
import type { ConnectionInput } from '../../../domain/connection';
import type { ProviderName } from '../../../domain/custody';
import { type Instant, instantOf, type OrganizationName } from '../../../domain/ids';
import type { Action, OperationStage } from '../../../domain/stages';
import { dataConverter, payloadSealing } from '../../../runtime/temporal';
import { waitUntil } from '../../../scripts/parts/wait';
import type { OrganizationRecord } from '../../../store';
import {
  type Acknowledgement,
  activationId,
  actorPayloadDigest,
  type OperationResult,
  type OperationStatus,
  startActivation,
  startOrganization,
  statusQuery,
  updates,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import { adviceFor } from './advice';
import { Approver } from './approver';
import { type Clouds, type CustomerCloud, openCloud } from './customer-cloud';
import type { Deployment } from './deployment';
import type { Namespace } from './namespace';

/** Where an activation waits for somebody, in its order. */
const STOPS = ['setup', 'dry-run', 'approval', 'live', 'handoff', 'closed'] as const;
export type Stop = (typeof STOPS)[number];
const WITHIN_MS = 40_000;

type Fields = Readonly<Record<string, unknown>>;

/**
 * One organization, its customer's cloud and approval key, and everybody who acts in its activation. What only one
 * provider has is in `cloud`, whose type is that provider's.
 */
export class Arrangement<Cloud extends CustomerCloud = CustomerCloud> {
  protected constructor(
    readonly deployment: Deployment,
    readonly organization: OrganizationRecord,
    readonly cloud: Cloud,
    readonly approver: Approver,
  ) {}

  /**
   * Created by the workflow, in platform custody; the customer has an account, and nothing is set up in it.
   * @param name also the account's: 3 to 19 lower-case letters and digits
   */
  static async create<P extends ProviderName = 'aws-kms'>(
    deployment: Deployment,
    name: string,
    provider: P = 'aws-kms' as P,
  ): Promise<Arrangement<Clouds[P]>> {
    const { client, store } = deployment;
    const input = await signed(deployment, name, 'support', 'createOrganization', { organization: name });
    await client.workflow.execute(WORKFLOW_TYPES.createOrganization, startOrganization(input));
    const organization = await store.organizationByName(name as OrganizationName);
    if (organization === null) throw new Error(`${name} was not created`);
    const cloud = await openCloud(deployment, provider, name);
    return new Arrangement(deployment, organization, cloud, await Approver.make());
  }

  /** The same organization, seen from another Temporal. */
  within({ connection, name }: Namespace): Arrangement<Cloud> {
    const sealing = payloadSealing(this.deployment.runtime, randomBytes);
    const client = new Client({ connection, namespace: name, dataConverter: dataConverter(sealing) });
    const deployment = { ...this.deployment, client };
    return new Arrangement(deployment, this.organization, this.cloud, this.approver);
  }

  get customer(): Cloud['customer'] {
    return this.cloud.customer;
  }

  get handle(): WorkflowHandle {
    return this.deployment.client.workflow.getHandle(activationId(this.organization.name));
  }

  status(): Promise<OperationStatus> {
    return this.handle.query(statusQuery);
  }

  /** The first status that `holds`. */
  async until(holds: (status: OperationStatus) => boolean): Promise<OperationStatus> {
    let status: OperationStatus | undefined;
    const isSo = async () => {
      status = await this.status();
      return holds(status);
    };
    if ((await waitUntil(isSo, WITHIN_MS, 30)) && status !== undefined) return status;
    throw new Error(`${this.organization.name} got stuck: ${JSON.stringify(status)}`);
  }

  untilAt(...stages: OperationStage[]): Promise<OperationStatus> {
    return this.until(({ stage }) => stage !== null && stages.includes(stage));
  }

  /** Types of all ledger entries, in their order. */
  async entryTypes(): Promise<string[]> {
    return (await this.entries()).map(({ type }) => type);
  }

  async entries(): Promise<Entry[]> {
    const lines = await this.deployment.store.ledgerLines(this.organization.id, 0, 1000);
    return lines.map(({ entry }) => JSON.parse(entry) as Entry);
  }

  /** The commerce system's order, recorded as the API records it. */
  async order(changes: { kind?: 'order' | 'withdrawal'; exp?: number } = {}): Promise<string> {
    const { outside, runtime, store } = this.deployment;
    const { jws, claims } = await outside.commerce.sign({
      aud: runtime.config.deployment,
      org: this.organization.id,
      orderRef: 'SO-1',
      thumbprint: this.approver.thumbprint,
      ...changes,
    });
    const { orderRef, jti, seq, kind } = claims;
    await store.commit({
      idempotencyKey: `order/${jti}`,
      actor: { kind: 'commerce', name: 'commerce' },
      fence: null,
      organization: this.organization.id,
      change: {
        type: 'order-accepted',
        ...{ jws, orderRef, jti, seq, kind, exp: instantOf(claims.exp * 1000) },
      },
    });
    return jws;
  }

  /** The first approval key: the one the order names. */
  async enrol(): Promise<void> {
    const { store } = this.deployment;
    const enrolledAt: Instant = await store.now();
    const { thumbprint: credentialId, publicJwk } = this.approver;
    await store.commit({
      idempotencyKey: `approver/${credentialId}`,
      actor: { kind: 'customer-admin', name: 'admin' },
      fence: null,
      organization: this.organization.id,
      change: {
        type: 'approver-enrolled',
        key: { credentialId, publicJwk, role: 'customer-admin', enrolledAt, removedAt: null },
        by: { kind: 'order', orderRef: 'SO-1' },
      },
    });
  }

  async start(): Promise<WorkflowHandle> {
    const { client } = this.deployment;
    return client.workflow.start(WORKFLOW_TYPES.activateCustomerKey, await this.startOptions());
  }

  async startOptions() {
    const { name: organization } = this.organization;
    return startActivation(
      await signed(this.deployment, organization, 'support', 'startActivation', { organization }),
    );
  }

  /** One message as an update, by somebody who may, or by `role`. */
  async send(
    action: Action,
    fields: Fields,
    role: Role = action === 'submitConnection' ? 'customer-admin' : 'support',
  ): Promise<Acknowledgement> {
    const updateId = randomUUID();
    const message = await this.message(action, fields, role, updateId);
    return this.handle.executeUpdate(updates[action] as never, { args: [message] as never, updateId });
  }

  async message(action: Action, fields: Fields, role: Role, jti?: string): Promise<Fields> {
    const { operationId } = await this.status();
    const { name } = this.organization;
    return signed(this.deployment, name, role, action, { operationId, ...fields }, jti);
  }

  /** What the customer does is what we print. */
  async setUpAccount(): Promise<void> {
    await this.customer.setUp(adviceFor(this.deployment, this.organization));
  }

  /** As the customer enters it. @throws Error on Azure before {@link setUpAccount} */
  connection(): ConnectionInput {
    return this.customer.connection();
  }

  /** The current dry-run, as it is to be signed. */
  async plan() {
    const { dryRun, operationId } = await this.status();
    if (dryRun?.planDigest == null || operationId === null) throw new Error('there is no plan');
    return {
      deployment: this.deployment.runtime.config.deployment,
      org: this.organization.id,
      operationId,
      dryRunId: dryRun.dryRunId,
      planDigest: dryRun.planDigest,
    };
  }

  async approve(evidence?: ApprovalEvidence): Promise<Acknowledgement> {
    const plan = await this.plan();
    const signedPlan = evidence ?? (await this.approver.approves(plan));
    return this.send('approve', { planDigest: plan.planDigest, evidence: signedPlan }, 'customer-admin');
  }

  /** Goes on, from wherever it stands, until the activation waits at `stop`. */
  async reach(stop: Stop): Promise<void> {
    if ((await this.deployment.store.latestOrder(this.organization.id)) === null) {
      await this.order();
      await this.enrol();
      await this.start();
    }
    let status = await this.untilAt(...STOPS);
    for (;;) {
      const { stage } = status;
      if (stage === stop) return;
      if (stage === null || !STEPS.has(stage)) throw new Error(`no way from ${stage} to ${stop}`);
      await STEPS.get(stage)?.(this);
      const next = STOPS[STOPS.indexOf(stage as Stop) + 1];
      if (next === undefined) throw new Error(`${stop} is past`);
      status = await this.untilAt(next);
    }
  }

  async result(): Promise<OperationResult> {
    return (await this.handle.result()) as OperationResult;
  }

  /** Launches live without waiting for what comes of it. */
  async launch(): Promise<void> {
    await this.send('launchLive', { planDigest: (await this.plan()).planDigest });
  }

  /** The customer's administrator, with the official SDK. */
  turn(what: 'off' | 'on'): Promise<void> {
    return what === 'off' ? this.customer.disableKey() : this.customer.enableKey();
  }
}

export interface Entry {
  readonly index: number;
  readonly type: string;
  readonly epoch: number | null;
  readonly operationId: string | null;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly body: Readonly<Record<string, unknown>>;
}

/** What leads on from each stop. */
const STEPS = new Map<OperationStage, (arrangement: Arrangement) => Promise<unknown>>([
  [
    'setup',
    async (each) => {
      await each.setUpAccount();
      await each.send('submitConnection', { connection: each.connection() });
    },
  ],
  [
    'dry-run',
    async (each) => {
      await each.send('launchDryRun', { dryRun: true });
      const { dryRun } = await each.until((status) => status.dryRun !== null);
      await each.send('reviewDryRun', { planDigest: dryRun?.planDigest });
    },
  ],
  ['approval', (each) => each.approve()],
  ['live', (each) => each.launch()],
  [
    'handoff',
    (each) =>
      each.send('recordHandoff', {
        contacts: [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' }],
        runbook: ['https://acme.example/runbook'],
      }),
  ],
]);

/** A message with our API's word who sends it. */
export async function signed<T extends Fields>(
  { signActor }: Pick<Deployment, 'signActor'>,
  organization: string,
  role: Role,
  action: Parameters<Deployment['signActor']>[0]['action'],
  message: T,
  /** The update's id, where it goes out as one. */
  jti: string = randomUUID(),
): Promise<T & { actor: string }> {
  const actor = await signActor({
    organization: organization as OrganizationName,
    action,
    payloadDigest: actorPayloadDigest(message),
    role,
    name: `${role}-1`,
    jti,
    exp: Math.floor(Date.now() / 1000) + 600,
  });
  return { ...message, actor };
}
