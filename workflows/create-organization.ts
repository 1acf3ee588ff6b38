import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Standing, Step } from '../activities/step';
import type { Actor } from '../domain/actor';
import { actorPayloadDigest } from './contract/actor-payload';
import { organizationWorkflowId } from './contract/ids';
import type { CreateOrganizationResult, OrganizationInput } from './contract/inputs';
import { SEARCH_ATTRIBUTES } from './contract/search-attributes';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { startedAs } from './own-id';
import { judgements, platformStaging, records } from './proxies';

/**
 * Creates an organization with its own platform key and workspace key version 1, in platform custody.
 * Input: `{"organization": "acme"}` with support's actor token.
 */
export async function createOrganization(input: OrganizationInput): Promise<CreateOrganizationResult> {
  const { organization: name, token } = startedAs(input, organizationWorkflowId);
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.organization, value: name },
    { key: SEARCH_ATTRIBUTES.posture, value: 'normal' },
    { key: SEARCH_ATTRIBUTES.awaiting, value: 'nobody' },
  ]);
  try {
    const actor = await judgements.identifyActor({
      organization: name,
      permission: 'createOrganization',
      payloadDigest: actorPayloadDigest({ ...input }),
      token,
    });
    // The id, not the run: where a run failed halfway, its successor goes on where it stood.
    const claimant = workflowInfo().workflowId;
    setCurrentDetails(`Creating **${name}** with its own platform key.`);
    const opened = await records.openOrganization.executeWithOptions({ summary: `open ${name}` }, [
      { name, claimant, actor },
    ]);
    if (opened.stage === 'closed') throw refusalFailure(refused('ORGANIZATION_EXISTS'));
    await platformCustody(opened, actor);
    setCurrentDetails(`**${name}** exists, in platform custody. Next: its signed order, then activation.`);
    return { organizationId: opened.organization.id };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    setCurrentDetails(`Refused: ${failure.code}. ${failure.text}`);
    throw codeFailure(failure.code, failure.text);
  }
}

/** Platform key, key version 1 under it, and the first custody statement. */
async function platformCustody(opened: Standing, actor: Actor): Promise<void> {
  const { organization, operationId, epoch } = opened;
  const step = (standing: Standing, key: string): Step => ({
    organization,
    operationId,
    epoch,
    stage: standing.stage,
    key,
    actor,
  });
  const keyed =
    opened.stage === 'live'
      ? opened
      : await platformStaging.createPlatformKey.executeWithOptions({ summary: 'create the platform key' }, [
          step(opened, 'platform-key'),
        ]);
  const minted = await platformStaging.mintFirstVersion.executeWithOptions(
    { summary: 'mint workspace key version 1' },
    [step(keyed, 'mint/1')],
  );
  await records.enterPlatformCustody.executeWithOptions({ summary: 'custody: platform' }, [
    step(minted, 'switch'),
  ]);
}
