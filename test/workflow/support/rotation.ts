import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Role } from '../../../domain/actor';
import { checkValueOf } from '../../../domain/key-check';
import {
  type RotationResult,
  type RotationStatus,
  rotationId,
  rotationStatusQuery,
  startRotation,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import type { World } from '../../fakes/world';
import type { Rig } from './rig';
import { azureConnectionOf, azureVersionOf, Story, tokenFor } from './story';

type Wanted = { readonly newKeyVersion?: boolean; readonly reason?: string };

/** An organization in customer custody at Azure, whose key has versions. */
export async function activeAtAzure(rig: Rig, name: string, world: World = rig.world): Promise<Story> {
  const story = await Story.begin(rig, name, { world, provider: 'azure-key-vault' });
  await story.complete();
  return story;
}

/** The customer makes a new version of their key: the newest is what a wrap without a version gets. */
export function customerRotates({ world, name }: Story, version = 2): void {
  world.customer.aliases.set(azureConnectionOf(name).key, azureVersionOf(name, version));
}

export const rotationOf = ({ rig, name }: Story): WorkflowHandle =>
  rig.client.workflow.getHandle(rotationId(name));

/** @param role `null`: without a token, as the sweep starts it, or somebody in the Temporal UI. */
export function startRotating(
  { rig, name }: Story,
  wanted: Wanted = {},
  role: Role | null = 'support',
): Promise<WorkflowHandle> {
  const input = { organization: name, ...wanted };
  const actor = role === null ? {} : { actor: tokenFor(name, 'startRotation', input, role, randomUUID()) };
  return rig.client.workflow.start(WORKFLOW_TYPES.rotateCustomerKey, startRotation({ ...input, ...actor }));
}

export async function rotate(
  story: Story,
  wanted: Wanted = {},
  role: Role | null = 'support',
): Promise<RotationResult> {
  const handle = await startRotating(story, wanted, role);
  return (await handle.result()) as RotationResult;
}

export const rotationStatus = (story: Story): Promise<RotationStatus> =>
  rotationOf(story).query(rotationStatusQuery);

/** The live envelopes, as custody names them. */
export const liveOf = ({ world, id }: Story) => world.store.liveEnvelopes(id);

/** Every live key version still opens, and is the key that it was. */
export async function readable(story: Story): Promise<number[]> {
  const opened: number[] = [];
  for (const { version, wrapped, keyRef, checkValue } of await liveOf(story)) {
    const context = { organization: story.id, purpose: 'workspace-key', keyVersion: version } as const;
    const bytes = story.world.customer.ring.unwrap(keyRef, wrapped, context);
    if (checkValueOf(bytes, story.id, version) === checkValue) opened.push(version);
  }
  return opened;
}

/** Entries since the end of the activation. */
export const entriesSince = (story: Story, before: number): string[] => story.entries().slice(before);
