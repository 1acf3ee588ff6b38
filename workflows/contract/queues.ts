/**
 * Task queues. Workflows and the customer's key service run on `custody`; `platform` is served only by the
 * process that holds the identity for the operator's own keys. No versions in the names: custody workflows
 * live for months.
 */
export const TASK_QUEUES = { custody: 'smsk-custody', platform: 'smsk-platform' } as const;

/** Names of the workflow types, as they are started by. */
export const WORKFLOW_TYPES = {
  createOrganization: 'createOrganization',
  activateCustomerKey: 'activateCustomerKey',
  offboardCustomerKey: 'offboardCustomerKey',
  recoverCustomerKey: 'recoverCustomerKey',
  rotateCustomerKey: 'rotateCustomerKey',
  changeConnection: 'changeConnection',
  tellOfOperation: 'tellOfOperation',
  removeHistory: 'removeHistory',
  sweepForDrift: 'sweepForDrift',
  auditLedger: 'auditLedger',
} as const;
