export type { Accepted, PlanAnswer } from '../shapes/activation';
export type { FindingView } from '../shapes/finding';
export type { OperationView, OrganizationView, StatusView } from '../shapes/organization';
export type { AwsPolicy, AzurePolicy } from '../shapes/policy';
export type { Problem } from '../shapes/problem';
export type { Approvers, ApproverView, Enrolled, LedgerPage, OrderAccepted } from '../shapes/records';
export { type AzureQuestion, type Client, type ClientOptions, createClient, type Repeatable } from './client';
export { ApiNotUnderstood, ApiRefused, ApiUnreachable } from './errors';
export { KeyMaterialKept } from './keep';
