/** What the Temporal Web UI's saved views filter by. Never encrypted: nothing sensitive in them. */
export const SEARCH_ATTRIBUTES = {
  SmskOrg: 'Keyword',
  SmskStage: 'Keyword',
  SmskProvider: 'Keyword',
  SmskPosture: 'Keyword',
  SmskAwaiting: 'Keyword',
  SmskSince: 'Datetime',
} as const;
