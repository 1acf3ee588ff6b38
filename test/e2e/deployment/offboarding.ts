import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { OrganizationName } from '../../../domain/ids';
import {
  type Acknowledgement,
  actorPayloadDigest,
  offboardingId,
  startOffboarding,
  updates,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import { Arrangement, signed } from './arrangement';
import type { CustomerCloud } from './customer-cloud';

/** The same organization on its way back to a platform key, and the people on both sides. */
export class Offboarding<Cloud extends CustomerCloud = CustomerCloud> extends Arrangement<Cloud> {
  static of<C extends CustomerCloud>(acme: Arrangement<C>): Offboarding<C> {
    const { deployment, organization, cloud, approver } = acme;
    return new Offboarding(deployment, organization, cloud, approver);
  }

  override get handle(): WorkflowHandle {
    return this.deployment.client.workflow.getHandle(offboardingId(this.organization.name));
  }

  /** By `support-1`. */
  override async start(): Promise<WorkflowHandle> {
    const { name: organization } = this.organization;
    const input = await signed(this.deployment, organization, 'support', 'startOffboarding', {
      organization,
    });
    return this.deployment.client.workflow.start(WORKFLOW_TYPES.offboardCustomerKey, startOffboarding(input));
  }

  /** By a member of staff with the role `approver`. */
  async operatorApproves(name: string): Promise<Acknowledgement> {
    const { planDigest, operationId } = await this.plan();
    const message = { operationId, planDigest };
    const updateId = randomUUID();
    const actor = await this.deployment.signActor({
      organization: this.organization.name as OrganizationName,
      action: 'approveOffboarding',
      payloadDigest: actorPayloadDigest(message),
      ...{ role: 'approver', name, jti: updateId, exp: Math.floor(Date.now() / 1000) + 600 },
    });
    const args = [{ ...message, actor }] as never;
    return this.handle.executeUpdate(updates.approveOffboarding as never, { args, updateId });
  }

  /** Started, planned, and approved by both sides. */
  async toLive(): Promise<void> {
    await this.start();
    await this.reach('approval');
    await this.approve();
    await this.operatorApproves('bo');
    await this.untilAt('live');
  }
}
