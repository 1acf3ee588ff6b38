import type { WorkflowHandle } from '@temporalio/client';
import type { Role } from '../../../domain/actor';
import type { ProviderName } from '../../../domain/custody';
import type { KeyRef } from '../../../domain/ids';
import { connectionChangeId, startConnectionChange, WORKFLOW_TYPES } from '../../../workflows/contract';
import type { World } from '../../fakes/world';
import type { Rig } from './rig';
import { azureVersionOf, keyRefOf, Story, tokenFor } from './story';

/** What a story goes on as: the change of the connection of an organization whose activation is through. */
export class Change extends Story {
  override readonly kind = 'change-connection';

  /** To the other provider than the one it is at. */
  static of({ rig, world, name, id }: Story, from: ProviderName): Change {
    return new Change(rig, world, name, id, OTHER[from]);
  }

  override get handle(): WorkflowHandle {
    return this.rig.client.workflow.getHandle(connectionChangeId(this.name));
  }

  /** @param role `null`: without a token, as a worker starts it, or somebody in the Temporal UI. */
  override start(role: Role | null = 'support'): Promise<WorkflowHandle> {
    const input = { organization: this.name };
    const actor = role === null ? {} : { actor: tokenFor(this.name, 'startConnectionChange', input, role) };
    return this.rig.client.workflow.start(
      WORKFLOW_TYPES.changeConnection,
      startConnectionChange({ ...input, ...actor }),
    );
  }

  /** Carried out: the plan is launched, and the former key's envelopes are erased. */
  override async complete() {
    await this.toLive();
    await this.launch();
    return this.result();
  }
}

const OTHER: Readonly<Record<ProviderName, ProviderName>> = {
  'aws-kms': 'azure-key-vault',
  'azure-key-vault': 'aws-kms',
};

/** An organization in customer custody at one provider, about to change to the other. */
export async function activeAt(
  rig: Rig,
  provider: ProviderName,
  name: string,
  world: World = rig.world,
): Promise<{ activation: Story; change: Change }> {
  const activation = await Story.begin(rig, name, { world, provider });
  await activation.complete();
  return { activation, change: Change.of(activation, provider) };
}

/** The key that an organization's first connection at a provider leads to. */
export const keyAt = (provider: ProviderName, name: string): KeyRef =>
  provider === 'aws-kms' ? (keyRefOf(name) as KeyRef) : azureVersionOf(name, 1);
