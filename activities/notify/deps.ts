import type { DeploymentId, EndpointId, OrganizationId, OrganizationName } from '../../domain/ids';
import type { Couriers, NoticeRecords } from '../../domain/ports/notices';

/** One of the operator's own, by its name in the configuration. */
export type OwnRecipient = {
  readonly id: string;
  /** `ours`: only of incidents that are for us to mend. */
  readonly hears: 'all' | 'ours';
} & (
  | { readonly channel: 'mail'; readonly address: string }
  | { readonly channel: 'webhook'; readonly url: string; readonly secret: () => string }
);

/** What telling people is made of. */
export interface NoticeDeps {
  readonly deployment: DeploymentId;
  readonly records: NoticeRecords;
  readonly couriers: Couriers;
  readonly own: readonly OwnRecipient[];
  /** Of an organization's endpoint (Standard Webhooks). */
  readonly endpointSecret: (organization: OrganizationId, endpoint: EndpointId) => string;
  /** Where people read how an organization stands. */
  readonly statusUrl: (organization: OrganizationName) => string;
}
