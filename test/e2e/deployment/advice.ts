import type { Advice } from '../../../scripts/story/customer';
import { printedFor } from '../../../scripts/story/printed';
import type { OrganizationRecord } from '../../../store';
import type { Deployment } from './deployment';

/** What our API prints for the organization, without the API. */
export const adviceFor = (
  { outside, runtime }: Pick<Deployment, 'outside' | 'runtime'>,
  { id: organization, externalId }: OrganizationRecord,
): Advice =>
  printedFor({
    organization,
    externalId,
    principalArn: runtime.config.aws.identity.arn,
    clientId: outside.operator.app.clientId,
  });
