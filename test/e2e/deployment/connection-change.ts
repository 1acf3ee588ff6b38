import type { WorkflowHandle } from '@temporalio/client';
import type { ProviderName } from '../../../domain/custody';
import { connectionChangeId, startConnectionChange, WORKFLOW_TYPES } from '../../../workflows/contract';
import { Arrangement, signed } from './arrangement';
import { type Clouds, type CustomerCloud, openCloud } from './customer-cloud';

/** The same organization on its way to another connection, whose cloud is `cloud`. */
export class ConnectionChange<Cloud extends CustomerCloud = CustomerCloud> extends Arrangement<Cloud> {
  /** The customer has an account there, and nothing is set up in it. */
  static async to<P extends ProviderName>(
    { deployment, organization, approver }: Arrangement,
    provider: P,
  ): Promise<ConnectionChange<Clouds[P]>> {
    const cloud = await openCloud(deployment, provider, `${organization.name}new`);
    return new ConnectionChange(deployment, organization, cloud, approver);
  }

  override get handle(): WorkflowHandle {
    return this.deployment.client.workflow.getHandle(connectionChangeId(this.organization.name));
  }

  override async start(): Promise<WorkflowHandle> {
    const { name: organization } = this.organization;
    const message = { organization };
    const input = await signed(this.deployment, organization, 'support', 'startConnectionChange', message);
    return this.deployment.client.workflow.start(
      WORKFLOW_TYPES.changeConnection,
      startConnectionChange(input),
    );
  }
}
