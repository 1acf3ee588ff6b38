import { randomBytes, randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Role } from '../../../domain/actor';
import type { ApprovalPayload } from '../../../domain/approval';
import type { ConnectionInput } from '../../../domain/connection';
import type { ApprovedKind, ProviderName } from '../../../domain/custody';
import type {
  DryRunId,
  KeyRef,
  OrganizationId,
  OrganizationName,
  Sha256Hex,
  Thumbprint,
} from '../../../domain/ids';
import type { Action, OperationStage } from '../../../domain/stages';
import type { OperationRecord } from '../../../store/contract';
import {
  type Acknowledgement,
  activationId,
  actorPayloadDigest,
  type OperationResult,
  type OperationStatus,
  signals,
  startActivation,
  startOrganization,
  statusQuery,
  updates,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import { approverKey, DEPLOYMENT, signActor, signApproval } from '../../fakes/authority';
import type { World } from '../../fakes/world';
import type { Rig } from './rig';
import { untilStatus } from './until-status';

const FAR_FUTURE_S = 4_102_444_800;
export const APPROVER = 'A'.repeat(43) as Thumbprint;
export const connectionOf = (name: string) => ({
  provider: 'aws-kms' as const,
  region: 'eu-central-1',
  key: `arn:aws:kms:eu-central-1:111122223333:alias/${name}`,
  credential: { kind: 'aws-role' as const, roleArn: `arn:aws:iam::111122223333:role/${name}` },
});
export const keyRefOf = (name: string) =>
  `arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-${Buffer.from(name.padEnd(6).slice(0, 6)).toString('hex')}`;

/** The same at Azure, whose keys have versions. */
export const azureConnectionOf = (name: string) => ({
  provider: 'azure-key-vault' as const,
  tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  key: `https://customers.vault.azure.net/keys/smsk-${name}`,
  credential: { kind: 'azure-app' as const, clientId: '3f5e2a10-0000-4000-8000-00000000000a' },
});
export const azureVersionOf = (name: string, version: number) =>
  `${azureConnectionOf(name).key}/${String(version).padStart(32, '0')}` as KeyRef;

const CONTACTS = [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' as const }];
const RUNBOOK = ['https://acme.example/runbook'];

/** One organization on its way, and the people who move it. */
export class Story {
  /** Which of its operations is told. */
  readonly kind: ApprovedKind = 'activate';

  protected constructor(
    readonly rig: Rig,
    readonly world: World,
    readonly name: OrganizationName,
    readonly id: OrganizationId,
    protected readonly provider: ProviderName,
  ) {}

  /** Created for real by `createOrganization`, with an order and an approval key unless told otherwise. */
  static async begin(
    rig: Rig,
    name: string,
    { order = true, world = rig.world, provider = 'aws-kms' as ProviderName } = {},
  ): Promise<Story> {
    const input = { organization: name };
    const created = await rig.client.workflow.execute(
      WORKFLOW_TYPES.createOrganization,
      startOrganization({ ...input, actor: tokenFor(name, 'createOrganization', input, 'support') }),
    );
    const story = new Story(
      rig,
      world,
      name as OrganizationName,
      (created as { organizationId: OrganizationId }).organizationId,
      provider,
    );
    if (order) await world.store.giveOrder(story.id, { seq: 1, exp: FAR_FUTURE_S });
    await world.store.giveApprover(story.id, approverKey(APPROVER));
    world.customer.aliases.set(connectionOf(name).key, keyRefOf(name) as never);
    world.customer.aliases.set(azureConnectionOf(name).key, azureVersionOf(name, 1));
    return story;
  }

  get handle(): WorkflowHandle {
    return this.rig.client.workflow.getHandle(activationId(this.name));
  }

  start(): Promise<WorkflowHandle> {
    return this.rig.client.workflow.start(
      WORKFLOW_TYPES.activateCustomerKey,
      startActivation({ organization: this.name }),
    );
  }

  status(): Promise<OperationStatus> {
    return this.handle.query(statusQuery);
  }

  /** The operation as the store has it. */
  operation(): OperationRecord {
    const row = this.world.store.rows(this.id).operations.findLast(({ kind }) => kind === this.kind);
    if (row === undefined) throw new Error(`no ${this.kind}`);
    return row as unknown as OperationRecord;
  }

  until(what: string, holds: (status: OperationStatus) => boolean): Promise<OperationStatus> {
    return untilStatus(() => this.status(), what, holds);
  }

  at(stage: OperationStage): Promise<OperationStatus> {
    return this.until(`at ${stage}`, (status) => status.stage === stage && status.step === null);
  }

  /** Sends an update as somebody with that role; `null`: as somebody in the Temporal UI. */
  async send(
    action: Action,
    payload: Record<string, unknown>,
    { role = ROLE_OF[action], updateId = randomUUID() }: { role?: Role | null; updateId?: string } = {},
  ): Promise<Acknowledgement> {
    const message = { operationId: this.operation().id, ...payload };
    const actor = role === null ? {} : { actor: tokenFor(this.name, action, message, role, updateId) };
    return this.handle.executeUpdate(updates[action] as never, {
      args: [{ ...message, ...actor }] as never,
      updateId,
    });
  }

  signal(action: 'approve' | 'reject', payload: Record<string, unknown>): Promise<void> {
    return this.handle.signal(signals[action], { operationId: this.operation().id, ...payload } as never);
  }

  connect(name: string = this.name): Promise<Acknowledgement> {
    const connection: ConnectionInput =
      this.provider === 'aws-kms' ? connectionOf(name) : azureConnectionOf(name);
    return this.send('submitConnection', { connection });
  }

  /** A decision over the current plan, as the customer signs it; `other` overrides what is signed. */
  async decision(
    decision: 'approve' | 'reject' = 'approve',
    other: Partial<ApprovalPayload> = {},
    key?: string,
  ): Promise<{ planDigest: Sha256Hex; evidence: { kind: 'jws'; jws: string } }> {
    const { dryRun } = await this.until('a plan', (status) => status.dryRun?.planDigest != null);
    if (dryRun?.planDigest == null) throw new Error('no plan');
    const payload: ApprovalPayload = {
      type: 'smsk-approval/v1',
      deployment: DEPLOYMENT,
      org: this.id,
      operationId: this.operation().id,
      dryRunId: dryRun.dryRunId as DryRunId,
      planDigest: dryRun.planDigest,
      decision,
      role: 'customer-admin',
      credentialId: APPROVER,
      nonce: randomBytes(18).toString('base64url'),
      exp: FAR_FUTURE_S,
      ...other,
    };
    return { planDigest: dryRun.planDigest, evidence: { kind: 'jws', jws: signApproval(payload, key) } };
  }

  async planDigest(): Promise<Sha256Hex> {
    const { dryRun } = await this.until('a plan', (status) => status.dryRun?.planDigest != null);
    if (dryRun?.planDigest == null) throw new Error('no plan');
    return dryRun.planDigest;
  }

  async toSetup(): Promise<void> {
    await this.start();
    await this.at('setup');
  }
  async toVerification(): Promise<void> {
    await this.toSetup();
    this.world.customer.refuses.role = 'ROLE_ASSUME_DENIED';
    await this.connect();
    await this.until('verified with findings', ({ findings }) => findings.length > 0);
    this.world.customer.refuses = {};
  }
  async toDryRun(): Promise<void> {
    await this.toSetup();
    await this.connect();
    await this.at('dry-run');
  }
  async dryRun(): Promise<void> {
    const before = (await this.status()).dryRun?.dryRunId;
    await this.send('launchDryRun', { dryRun: true });
    await this.until('a dry-run', ({ dryRun }) => dryRun !== null && dryRun.dryRunId !== before);
  }
  async review(): Promise<void> {
    await this.send('reviewDryRun', { planDigest: await this.planDigest() });
  }
  async toApproval(): Promise<void> {
    await this.toDryRun();
    await this.dryRun();
    await this.review();
  }
  async approve(): Promise<void> {
    await this.send('approve', await this.decision());
  }
  async toLive(): Promise<void> {
    await this.toApproval();
    await this.approve();
  }
  async launch(): Promise<Acknowledgement> {
    return this.send('launchLive', { planDigest: await this.planDigest() });
  }
  async toHandoff(): Promise<void> {
    await this.toLive();
    await this.launch();
    await this.at('handoff');
  }
  async handOff(): Promise<OperationResult> {
    await this.send('recordHandoff', { contacts: CONTACTS, runbook: RUNBOOK });
    return this.result();
  }
  async complete(): Promise<OperationResult> {
    await this.toHandoff();
    return this.handOff();
  }
  result(): Promise<OperationResult> {
    return this.handle.result();
  }

  /** The ledger's entry types, in order. */
  entries(): string[] {
    return this.bodies().map(({ type }) => type);
  }

  bodies(): { type: string; at: string; actor: { kind: string }; body: Record<string, unknown> }[] {
    return this.world.store.rows(this.id).ledger.map(({ entry }) => JSON.parse(entry));
  }

  refusals(): string[] {
    return this.bodies()
      .filter(({ type }) => type === 'refusal')
      .map(({ body }) => `${body['subject']}: ${body['code']}`);
  }

  /** Nothing of this story may keep the clock, or the next test, waiting. */
  async end(): Promise<void> {
    await this.handle.terminate('test is over').catch(() => undefined);
  }
}

const ROLE_OF: Readonly<Record<Action, Role | null>> = {
  submitConnection: 'customer-admin',
  runVerification: null,
  launchDryRun: 'support',
  reviewDryRun: 'support',
  approve: null,
  reject: null,
  approveOffboarding: 'approver',
  launchLive: 'support',
  recordHandoff: 'support',
  cancel: 'customer-admin',
};

export function tokenFor(
  organization: string,
  action: string,
  message: object,
  role: Role,
  jti: string = randomUUID(),
): string {
  return signActor({
    organization: organization as OrganizationName,
    action,
    payloadDigest: actorPayloadDigest(message as Record<string, unknown>),
    role,
    name: `${role}@example`,
    jti,
    exp: FAR_FUTURE_S,
  });
}

/** The code something was refused with: an update's, or a whole run's. */
export async function refusalOf(attempt: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await attempt;
  } catch (error) {
    const isOurs = error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError;
    const cause = isOurs ? error.cause : error;
    if (cause instanceof ApplicationFailure) return { code: cause.type ?? '', message: cause.message };
    throw error;
  }
  throw new Error('it was not refused');
}
