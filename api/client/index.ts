export type { Accepted, ConnectionPolicy, PlanAnswer } from '../shapes/activation';
export type { FindingView } from '../shapes/finding';
export type { OperationView, OrganizationView, StatusView } from '../shapes/organization';
export type { Problem } from '../shapes/problem';
export type { Approvers, ApproverView, Enrolled, LedgerPage, OrderAccepted } from '../shapes/records';
export { type Client, type ClientOptions, createClient, type Repeatable } from './client';
export { ApiNotUnderstood, ApiRefused, ApiUnreachable } from './errors';
