import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Standing, Step } from '../activities/step';
import { organizationWorkflowId } from './contract/ids';
import type { CreateOrganizationResult, OrganizationInput } from './contract/inputs';
import { SEARCH_ATTRIBUTES } from './contract/search-attributes';
import { codeFailure, failureOf, refusalFailure, refused } from './failures';
import { outlasting } from './outlasting';
import { startedAs } from './own-id';
import { platformStaging, records } from './proxies';

/**
 * Creates an organization with its own platform key and workspace key version 1, in platform custody.
 * Input: `{"organization": "acme"}` with support's actor token.
 */
export async function createOrganization(input: OrganizationInput): Promise<CreateOrganizationResult> {
  const { organization: name } = startedAs(input, organizationWorkflowId);
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.organization, value: name },
    { key: SEARCH_ATTRIBUTES.posture, value: 'normal' },
    { key: SEARCH_ATTRIBUTES.awaiting, value: 'nobody' },
  ]);
  try {
    setCurrentDetails(`Creating **${name}** with its own platform key.`);
    const opened = await records.openOrganization.executeWithOptions({ summary: `open ${name}` }, [
      {
        name,
        claimant: workflowInfo().runId,
        sent: { payload: { ...input }, updateId: null, name: 'start' },
      },
    ]);
    if (opened.stage === 'closed') throw refusalFailure(refused('ORGANIZATION_EXISTS'));
    await platformCustody(opened);
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
async function platformCustody(opened: Standing): Promise<void> {
  const { organization, operationId, epoch } = opened;
  const step = (standing: Standing, key: string): Step => ({
    organization,
    operationId,
    epoch,
    stage: standing.stage,
    key,
  });
  const keyed =
    opened.stage === 'live'
      ? opened
      : await outlasting(() =>
          platformStaging.createPlatformKey.executeWithOptions({ summary: 'create the platform key' }, [
            step(opened, 'platform-key'),
          ]),
        );
  const minted = await outlasting(() =>
    platformStaging.mintFirstVersion.executeWithOptions({ summary: 'mint workspace key version 1' }, [
      step(keyed, 'mint/1'),
    ]),
  );
  await records.enterPlatformCustody.executeWithOptions({ summary: 'custody: platform' }, [
    step(minted, 'switch'),
  ]);
}
