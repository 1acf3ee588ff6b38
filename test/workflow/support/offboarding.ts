import { randomBytes, randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Role } from '../../../domain/actor';
import type { ApprovalPayload } from '../../../domain/approval';
import type { DryRunId, OrganizationName, Sha256Hex } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import type { Action, OperationStage } from '../../../domain/stages';
import type { OperationRecord } from '../../../store/contract';
import {
  type Acknowledgement,
  actorPayloadDigest,
  type OperationResult,
  type OperationStatus,
  offboardingId,
  resuming,
  startOffboarding,
  statusQuery,
  updates,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import { DEPLOYMENT, signActor, signApproval } from '../../fakes/authority';
import { APPROVER, type Story } from './story';
import { untilStatus } from './until-status';

const FAR_FUTURE_S = 4_102_444_800;

/** A person on one side or the other. */
export interface Person {
  readonly role: Role;
  readonly name: string;
}
export const ANN: Person = { role: 'support', name: 'ann' };
export const BO: Person = { role: 'approver', name: 'bo' };

/** The offboarding of an organization that is in customer custody, and the people who move it. */
export class Offboarding {
  constructor(readonly story: Story) {}

  get handle(): WorkflowHandle {
    return this.story.rig.client.workflow.getHandle(offboardingId(this.story.name));
  }

  /** @param by `null`: somebody in the Temporal UI */
  start(by: Person | null = ANN): Promise<WorkflowHandle> {
    const input = { organization: this.story.name };
    const actor = by === null ? {} : { actor: this.word(by, 'startOffboarding', input) };
    return this.story.rig.client.workflow.start(
      WORKFLOW_TYPES.offboardCustomerKey,
      startOffboarding({ ...input, ...actor }),
    );
  }

  /** As the workers start a run for one that has lost its own. */
  resume(): Promise<WorkflowHandle> {
    const { type, options } = resuming('offboard', this.story.name, this.operation().id);
    return this.story.rig.client.workflow.start(type, options);
  }

  /** Our API's word for who sends a message. */
  word({ role, name }: Person, action: string, message: object, jti: string = randomUUID()): string {
    return signActor({
      organization: this.story.name as OrganizationName,
      action,
      payloadDigest: actorPayloadDigest(message as Record<string, unknown>),
      ...{ role, name, jti, exp: FAR_FUTURE_S },
    });
  }

  operation(): OperationRecord {
    const row = this.story.world.store
      .rows(this.story.id)
      .operations.findLast(({ kind }) => kind === 'offboard');
    if (row === undefined) throw new Error('no offboarding');
    return row as unknown as OperationRecord;
  }

  send(action: Action, payload: object, by: Person | null = ANN): Promise<Acknowledgement> {
    const updateId = randomUUID();
    const message = { operationId: this.operation().id, ...payload };
    const actor = by === null ? {} : { actor: this.word(by, action, message, updateId) };
    const args = [{ ...message, ...actor }] as never;
    return this.handle.executeUpdate(updates[action] as never, { args, updateId });
  }

  status(): Promise<OperationStatus> {
    return this.handle.query(statusQuery);
  }

  until(what: string, holds: (status: OperationStatus) => boolean): Promise<OperationStatus> {
    return untilStatus(() => this.status(), what, holds);
  }

  at(stage: OperationStage): Promise<OperationStatus> {
    return this.until(`at ${stage}`, (status) => status.stage === stage && status.step === null);
  }

  async planDigest(): Promise<Sha256Hex> {
    const { dryRun } = await this.until('a plan', (status) => status.dryRun?.planDigest != null);
    if (dryRun?.planDigest == null) throw new Error('no plan');
    return dryRun.planDigest;
  }

  /** What the customer signs over the current plan. */
  async decision(decision: 'approve' | 'reject' = 'approve', other: Partial<ApprovalPayload> = {}) {
    const planDigest = await this.planDigest();
    const { dryRun } = await this.status();
    const payload: ApprovalPayload = {
      ...{ type: 'smsk-approval/v1', deployment: DEPLOYMENT, org: this.story.id, planDigest, decision },
      ...{ operationId: this.operation().id, dryRunId: dryRun?.dryRunId as DryRunId },
      ...{ role: 'customer-admin', credentialId: APPROVER, exp: FAR_FUTURE_S },
      nonce: randomBytes(18).toString('base64url'),
      ...other,
    };
    return { planDigest, evidence: { kind: 'jws' as const, jws: signApproval(payload) } };
  }

  async toDryRun(): Promise<void> {
    await this.start();
    await this.at('dry-run');
  }
  async toApproval(): Promise<void> {
    await this.toDryRun();
    await this.plan();
  }
  /** Another dry-run, reviewed. */
  async plan(): Promise<void> {
    const before = (await this.status()).dryRun?.dryRunId;
    await this.send('launchDryRun', { dryRun: true });
    await this.until('a dry-run', ({ dryRun }) => dryRun !== null && dryRun.dryRunId !== before);
    await this.send('reviewDryRun', { planDigest: await this.planDigest() });
    await this.at('approval');
  }
  async customerApproves(): Promise<void> {
    await this.send('approve', await this.decision(), null);
  }
  async operatorApproves(by: Person | null = BO): Promise<Acknowledgement> {
    return this.send('approveOffboarding', { planDigest: await this.planDigest() }, by);
  }
  async toLive(): Promise<void> {
    await this.toApproval();
    await this.customerApproves();
    await this.operatorApproves();
    await this.at('live');
  }
  async launch(): Promise<Acknowledgement> {
    return this.send('launchLive', { planDigest: await this.planDigest() });
  }
  async toHandoff(): Promise<void> {
    await this.toLive();
    await this.launch();
    await this.at('handoff');
  }
  async complete(): Promise<OperationResult> {
    await this.toHandoff();
    const contacts = [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' }];
    await this.send('recordHandoff', { contacts, runbook: ['https://acme.example/runbook'] });
    return this.result();
  }
  result(): Promise<OperationResult> {
    return this.handle.result();
  }

  /** Custody's envelopes, each opened with the key it says, by whoever holds that. */
  async readable(): Promise<number[]> {
    const { world, id } = this.story;
    const opened: number[] = [];
    for (const { version, wrapped, keyRef, custody, checkValue } of await world.store.liveEnvelopes(id)) {
      const { ring } = custody === 'platform' ? world.platform : world.customer;
      const context = { organization: id, purpose: 'workspace-key', keyVersion: version } as const;
      if (checkValueOf(ring.unwrap(keyRef, wrapped, context), id, version) === checkValue)
        opened.push(version);
    }
    return opened;
  }

  /** The states of the platform keys that were ever made for the organization. */
  platformKeys(): string[] {
    return [...this.story.world.platform.ring.keys.values()].map(({ state }) => state);
  }
}
