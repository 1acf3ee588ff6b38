import type { z } from 'zod';
import type { ApproverKey } from '../../domain/approval';
import type { ReferenceRequest } from '../../domain/credential-reference';
import type { ProviderName } from '../../domain/custody';
import type { MessageBody } from '../routes/messages';
import { auditShape } from '../shapes/audit';
import { readyShape } from '../shapes/health';
import { incidentAcceptedShape, incidentShape, incidentsShape } from '../shapes/incident';
import { keysShape, type rotationBody } from '../shapes/keys';
import {
  endpointAddedShape,
  endpointRemovedShape,
  endpointsShape,
  maintenanceShape,
  maintenanceSignedShape,
} from '../shapes/notices';
import { acceptedShape, operationShape, planAnswerShape, startedShape } from '../shapes/operation';
import { organizationShape, organizationsShape, statusShape } from '../shapes/organization';
import { awsPolicyShape, azurePolicyShape } from '../shapes/policy';
import {
  approversShape,
  checkpointShape,
  enrolledShape,
  evidenceShape,
  ledgerPageShape,
  orderAcceptedShape,
} from '../shapes/records';
import { referenceChangedShape, referencesShape } from '../shapes/references';
import { type ContentClient, contentClient } from './content';
import { createTransport } from './transport';

export interface ClientOptions {
  /** Of the API, without `/v1`. */
  readonly url: string;
  readonly token: string | null;
  /** Of every call, in milliseconds; more than the API's own 5 s, so that its answer is what is read. */
  readonly deadlineMs?: number;
  readonly fetch?: typeof fetch;
  /** Mints idempotency keys. */
  readonly uuid?: () => string;
}

/** Each user action has its own idempotency key; give the same one to repeat an action whose answer was lost. */
export interface Repeatable {
  readonly idempotencyKey?: string | undefined;
}

/** A key of AWS KMS, and the role we assume or a registered reference to an identity of the customer's own. */
export type AwsQuestion =
  | { readonly key: string; readonly role: string }
  | {
      readonly key: string;
      /** `approved:NAME` */
      readonly credential: string;
      /** Its ARN, where it isn't registered yet. */
      readonly identity?: string | undefined;
    };

/** A key of Azure Key Vault, and who calls it: an app of ours, or a registered reference to the customer's own. */
export interface AzureQuestion {
  readonly key: string;
  readonly tenant: string;
  readonly app?: string | undefined;
  /** `approved:NAME` */
  readonly credential?: string | undefined;
}

function policyOf(provider: ProviderName, question: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams({ provider });
  for (const [name, value] of Object.entries(question)) if (value !== undefined) query.set(name, value);
  return `/connection/policy?${query}`;
}

const DEADLINE_MS = 15_000;

/**
 * The API, typed: one method per route, and for the policy one per provider. Every call has a deadline, and throws {@link ApiRefused} (with the
 * problem), {@link ApiUnreachable} or {@link ApiNotUnderstood}.
 */
export function createClient(options: ClientOptions) {
  const { url, token, deadlineMs = DEADLINE_MS, uuid = () => crypto.randomUUID() } = options;
  const call = createTransport({ url, token, deadlineMs, fetch: options.fetch ?? fetch });
  const at = (organization: string) => `/v1/organizations/${encodeURIComponent(organization)}`;

  /** An action under its idempotency key, at a place below the organization. */
  const action =
    <T>(place: string, shape: z.ZodType<T>) =>
    (organization: string, path: string, body: unknown, { idempotencyKey = uuid() }: Repeatable = {}) =>
      call({ method: 'POST', path: `${at(organization)}/${place}${path}`, body, idempotencyKey }, shape);
  const message = action('operation/', acceptedShape);
  const reference = action('credential-references', referenceChangedShape);
  const toIncident = action('incident/', incidentAcceptedShape);

  return {
    ready: () => call({ method: 'GET', path: '/readyz' }, readyShape),

    createOrganization: (name: string) =>
      call({ method: 'POST', path: '/v1/organizations', body: { name } }, organizationShape),
    organizations: () => call({ method: 'GET', path: '/v1/organizations' }, organizationsShape),
    organization: (organization: string) =>
      call({ method: 'GET', path: at(organization) }, organizationShape),
    status: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/status` }, statusShape),
    operation: (organization: string, operationId: string) =>
      call({ method: 'GET', path: `${at(organization)}/operations/${operationId}` }, operationShape),

    incidents: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/incidents` }, incidentsShape),
    incident: (organization: string, id: string) =>
      call({ method: 'GET', path: `${at(organization)}/incidents/${encodeURIComponent(id)}` }, incidentShape),
    probeIncident: (organization: string, repeatable?: Repeatable) =>
      toIncident(organization, 'probe', {}, repeatable),
    acknowledgeIncident: (organization: string, body: { note?: string }, repeatable?: Repeatable) =>
      toIncident(organization, 'acknowledge', body, repeatable),
    annotateIncident: (organization: string, body: { note: string }, repeatable?: Repeatable) =>
      toIncident(organization, 'annotate', body, repeatable),

    submitOrder: (organization: string, jws: string) =>
      call({ method: 'POST', path: `${at(organization)}/orders`, body: { jws } }, orderAcceptedShape),
    approvers: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/approvers` }, approversShape),
    enrolFirstApprover: (organization: string, publicJwk: ApproverKey['publicJwk']) =>
      call({ method: 'POST', path: `${at(organization)}/approvers`, body: { publicJwk } }, enrolledShape),
    changeApprovers: (organization: string, enrolment: string) =>
      call({ method: 'POST', path: `${at(organization)}/approvers`, body: { enrolment } }, enrolledShape),

    credentialReferences: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/credential-references` }, referencesShape),
    registerReference: (organization: string, body: ReferenceRequest, repeat?: Repeatable) =>
      reference(organization, '', body, repeat),
    /** @param registration ledger index of what was read */
    confirmReference: (organization: string, name: string, registration: number, repeat?: Repeatable) =>
      reference(organization, `/${encodeURIComponent(name)}/confirmation`, { registration }, repeat),
    withdrawReference: (organization: string, name: string, repeat?: Repeatable) =>
      reference(organization, `/${encodeURIComponent(name)}/withdrawal`, undefined, repeat),

    startOffboarding: (organization: string) =>
      call({ method: 'POST', path: `${at(organization)}/offboarding` }, startedShape),
    startRotation: (organization: string, body: z.input<typeof rotationBody> = {}) =>
      call({ method: 'POST', path: `${at(organization)}/rotation`, body }, startedShape),
    keys: (organization: string) => call({ method: 'GET', path: `${at(organization)}/keys` }, keysShape),
    checkDrift: (organization: string) =>
      call({ method: 'POST', path: `${at(organization)}/drift-check` }, startedShape),

    audit: (organization: string) => call({ method: 'GET', path: `${at(organization)}/audit` }, auditShape),
    runAudit: (organization: string) =>
      call({ method: 'POST', path: `${at(organization)}/audit` }, startedShape),

    startActivation: (organization: string) =>
      call({ method: 'POST', path: `${at(organization)}/activation` }, startedShape),
    startConnectionChange: (organization: string) =>
      call({ method: 'POST', path: `${at(organization)}/connection-change` }, startedShape),
    awsPolicy: (organization: string, question: AwsQuestion) =>
      call(
        { method: 'GET', path: `${at(organization)}${policyOf('aws-kms', { ...question })}` },
        awsPolicyShape,
      ),
    azurePolicy: (organization: string, question: AzureQuestion) =>
      call(
        { method: 'GET', path: `${at(organization)}${policyOf('azure-key-vault', { ...question })}` },
        azurePolicyShape,
      ),
    plan: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/operation/plan` }, planAnswerShape),

    submitConnection: (organization: string, body: MessageBody<'submitConnection'>, repeat?: Repeatable) =>
      message(organization, 'connection', body, repeat),
    runVerification: (organization: string, body: MessageBody<'runVerification'>, repeat?: Repeatable) =>
      message(organization, 'verification', body, repeat),
    launchDryRun: (organization: string, body: MessageBody<'launchDryRun'>, repeat?: Repeatable) =>
      message(organization, 'dry-run', body, repeat),
    reviewDryRun: (organization: string, body: MessageBody<'reviewDryRun'>, repeat?: Repeatable) =>
      message(organization, 'review', body, repeat),
    /** `durable`: stored even while no worker is up; what comes of it is in the status. */
    decide: (
      organization: string,
      body: MessageBody<'approval'>,
      { durable = false, ...repeat }: Repeatable & { readonly durable?: boolean } = {},
    ) => message(organization, durable ? 'approval?durable=signal' : 'approval', body, repeat),
    approveOffboarding: (
      organization: string,
      body: MessageBody<'approveOffboarding'>,
      repeat?: Repeatable,
    ) => message(organization, 'operator-approval', body, repeat),
    launchLive: (organization: string, body: MessageBody<'launchLive'>, repeat?: Repeatable) =>
      message(organization, 'live', body, repeat),
    recordHandoff: (organization: string, body: MessageBody<'recordHandoff'>, repeat?: Repeatable) =>
      message(organization, 'handoff', body, repeat),
    cancel: (organization: string, body: MessageBody<'cancel'>, repeat?: Repeatable) =>
      message(organization, 'cancel', body, repeat),

    endpoints: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/notify/webhooks` }, endpointsShape),
    addEndpoint: (organization: string, url: string) =>
      call(
        { method: 'POST', path: `${at(organization)}/notify/webhooks`, body: { url } },
        endpointAddedShape,
      ),
    removeEndpoint: (organization: string, endpoint: string) =>
      call(
        {
          method: 'POST',
          path: `${at(organization)}/notify/webhooks/${encodeURIComponent(endpoint)}/removal`,
        },
        endpointRemovedShape,
      ),
    maintenance: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/maintenance` }, maintenanceShape),
    signMaintenance: (organization: string, jws: string) =>
      call(
        { method: 'POST', path: `${at(organization)}/maintenance`, body: { jws } },
        maintenanceSignedShape,
      ),

    ledger: (organization: string, from = 0, limit = 100) =>
      call(
        { method: 'GET', path: `${at(organization)}/ledger?from=${from}&limit=${limit}` },
        ledgerPageShape,
      ),
    checkpoint: (organization: string) =>
      call({ method: 'GET', path: `${at(organization)}/ledger/checkpoint` }, checkpointShape),
    /** @param usageBefore RFC 3339 with milliseconds: where the bundle's usage rows end */
    evidence: (organization: string, usageBefore?: string) =>
      call(
        {
          method: 'GET',
          path: `${at(organization)}/evidence${usageBefore === undefined ? '' : `?usageBefore=${encodeURIComponent(usageBefore)}`}`,
        },
        evidenceShape,
      ),

    ...(contentClient(call, at) satisfies ContentClient),
  };
}
export type Client = ReturnType<typeof createClient>;
