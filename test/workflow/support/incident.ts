import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Role } from '../../../domain/actor';
import type { ProviderCode } from '../../../domain/codes';
import type { KeyRef } from '../../../domain/ids';
import type { IncidentAction } from '../../../domain/incident';
import {
  incidentWorkflowId,
  type RecoveryResult,
  type RecoveryStatus,
  recoverySignals,
  recoveryStatusQuery,
  recoveryUpdates,
  startRecovery,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import type { World } from '../../fakes/world';
import type { Rig } from './rig';
import { keyRefOf, Story, tokenFor } from './story';

/** An organization in customer custody, and its incident's recovery. */
export class Incident {
  private constructor(
    readonly rig: Rig,
    readonly story: Story,
    readonly handle: WorkflowHandle,
    private readonly aWhile: () => Promise<unknown>,
  ) {}

  /**
   * @param aWhile passes before a recovery is told of anything: a refusal at the instant of a proof may be later than it
   * @param world of its own, where several go on at once
   */
  static async of(
    rig: Rig,
    name: string,
    aWhile: () => Promise<unknown> = async () => undefined,
    world: World = rig.fresh(),
  ): Promise<Incident> {
    const story = await Story.begin(rig, name, { world });
    await story.complete();
    return new Incident(rig, story, rig.client.workflow.getHandle(incidentWorkflowId(name)), aWhile);
  }

  get key() {
    return this.story.world.customer.ring.key(keyRefOf(this.story.name) as KeyRef);
  }
  get record() {
    return this.story.world.store.incidents.all.at(-1);
  }

  refused(code: ProviderCode = 'KEY_DISABLED'): Promise<void> {
    return this.story.world.store.incidents.refused('operation', this.story.id, code);
  }

  /** As the relay does. */
  async tell(what: keyof typeof recoverySignals = 'refused'): Promise<void> {
    await this.aWhile();
    await this.rig.client.workflow.signalWithStart(WORKFLOW_TYPES.recoverCustomerKey, {
      ...startRecovery({ organization: this.story.name }),
      signal: recoverySignals[what],
    });
  }

  result(): Promise<RecoveryResult> {
    return this.handle.result() as Promise<RecoveryResult>;
  }

  async until(holds: (status: RecoveryStatus) => boolean): Promise<RecoveryStatus> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const status = await this.handle.query(recoveryStatusQuery);
      if (holds(status)) return status;
      if (Date.now() > deadline) throw new Error(`never: ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  send(
    action: IncidentAction,
    payload: object = {},
    role: Role | null = 'support',
    updateId: string = randomUUID(),
  ) {
    const actor = role === null ? {} : { actor: tokenFor(this.story.name, action, payload, role, updateId) };
    const args = [{ ...payload, ...actor }] as never;
    return this.handle.executeUpdate(recoveryUpdates[action] as never, { args, updateId });
  }
}
