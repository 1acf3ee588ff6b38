import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * Search attributes, never encrypted: nothing sensitive in them. They must be registered before a workflow
 * starts, because an unknown one jams its workflow task.
 */
export const SEARCH_ATTRIBUTES = {
  organization: defineSearchAttributeKey('SmskOrg', 'KEYWORD'),
  stage: defineSearchAttributeKey('SmskStage', 'KEYWORD'),
  provider: defineSearchAttributeKey('SmskProvider', 'KEYWORD'),
  posture: defineSearchAttributeKey('SmskPosture', 'KEYWORD'),
  /** Who is awaited: `customer-admin`, `support`, or `nobody`. */
  awaiting: defineSearchAttributeKey('SmskAwaiting', 'KEYWORD'),
  /** Since when. */
  since: defineSearchAttributeKey('SmskSince', 'DATETIME'),
} as const;

/** For `temporal server start-dev --search-attribute NAME=TYPE` and the check at worker start. */
export const SEARCH_ATTRIBUTE_TYPES = {
  SmskOrg: 'Keyword',
  SmskStage: 'Keyword',
  SmskProvider: 'Keyword',
  SmskPosture: 'Keyword',
  SmskAwaiting: 'Keyword',
  SmskSince: 'Datetime',
} as const;
