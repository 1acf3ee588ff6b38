import type { EndpointId, IncidentId, Instant, OperationId, RecipientId } from './ids';
import type { IncidentNoticeKind, OperationNoticeKind } from './notice';
import type { Channel, StatusClass } from './recipient';

/** What somebody was told of. */
type Subject =
  | { readonly incident: IncidentId; readonly kind: IncidentNoticeKind }
  | { readonly operation: OperationId; readonly kind: OperationNoticeKind };

type Addressed = Subject & {
  readonly channel: Channel;
  readonly recipient: RecipientId;
  readonly statusClass: StatusClass;
};

/**
 * Why somebody wasn't told: `refused` for good by their side, `unreachable` for as long as it was tried, or `removed`
 * before it was their turn.
 */
export type NoticeFailure = 'refused' | 'unreachable' | 'removed';

/** Changes about telling people of incidents, and about incidents that were announced. They move no custody. */
export type NoticeChange =
  | ({ type: 'notice-delivered' } & Addressed)
  | ({ type: 'notice-failed'; reason: NoticeFailure } & Addressed)
  | { type: 'endpoint-registered'; endpoint: EndpointId; url: string }
  | { type: 'endpoint-removed'; endpoint: EndpointId }
  /** The customer works on the key between two moments: what is refused meanwhile is expected. */
  | {
      type: 'maintenance-declared';
      nonce: string;
      credentialId: string;
      from: Instant;
      until: Instant;
      reason: string;
      /** What an enrolled key signed (compact JWS). */
      jws: string;
    }
  /** `cancels`: the nonce of the declaration. */
  | { type: 'maintenance-cancelled'; nonce: string; cancels: string; credentialId: string; jws: string };
