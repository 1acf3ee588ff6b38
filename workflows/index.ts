/** What the worker bundles: the names of these functions are the names of the workflow types. */
export { activateCustomerKey } from './activate-customer-key';
export { auditLedger } from './audit-ledger';
export { changeConnection } from './change-connection';
export { createOrganization } from './create-organization';
export { offboardCustomerKey } from './offboard-customer-key';
export { recoverCustomerKey } from './recover-customer-key';
export { removeHistory } from './remove-history';
export { rotateCustomerKey } from './rotate-customer-key';
export { sweepForDrift } from './sweep-for-drift';
export { tellOfOperation } from './tell-of-operation';
export { unknownType as default } from './unknown-type';
