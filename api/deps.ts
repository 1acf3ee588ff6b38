import type { PayloadCodec } from '@temporalio/common';
import type { ActorSigner } from '../authority';
import type { WorkspaceCipher } from '../cipher';
import type { ApprovedKind } from '../domain/custody';
import type { DeploymentId, EndpointId, Instant, OrganizationId, OrganizationName } from '../domain/ids';
import type { IncidentAction } from '../domain/incident';
import type { Authority } from '../domain/ports/authority';
import type { CredentialEnds, CredentialReferences } from '../domain/ports/credential-references';
import type { Signer } from '../domain/ports/signer';
import type { Action } from '../domain/stages';
import type { PublicJwk } from '../ledger/verify/jwk';
import type { Logger } from '../runtime/logging';
import type { Metrics } from '../runtime/metrics';
import type { SealContext } from '../runtime/payload-codec';
import type { Behind } from '../store/behind';
import type { Store } from '../store/contract';
import type {
  Acknowledgement,
  CreateOrganizationResult,
  IncidentAcknowledgement,
  OrganizationInput,
  RotationInput,
} from '../workflows/contract';

/** The organization's open operation of a kind. */
export interface OperationAddress {
  readonly kind: ApprovedKind;
  readonly organization: OrganizationName;
}

/**
 * What the API asks of Temporal. Every call has the API's message deadline. Each throws only {@link Refusal}:
 * the workflow's own, or NO_WORKER when nobody answered in time.
 */
export interface Messenger {
  /** @throws Refusal OPERATION_OPEN where one is running. */
  startActivation(input: OrganizationInput): Promise<void>;
  /** @throws Refusal OPERATION_OPEN where one is running. */
  startConnectionChange(input: OrganizationInput): Promise<void>;
  /** @throws Refusal OPERATION_OPEN where one is running. */
  startOffboarding(input: OrganizationInput): Promise<void>;
  /** @throws Refusal OPERATION_OPEN where one is running. */
  startRotation(input: RotationInput): Promise<void>;
  /** Waits for the result; joins a creation of the same name that is running. */
  createOrganization(input: OrganizationInput): Promise<CreateOrganizationResult>;
  /** `updateId`: the request's idempotency key. @throws Refusal OPERATION_UNKNOWN where none is running. */
  update(
    to: OperationAddress,
    action: Action,
    message: Readonly<Record<string, unknown>>,
    updateId: string,
  ): Promise<Acknowledgement>;
  /** Stored by the server even while no worker is up. */
  signal(
    to: OperationAddress,
    decision: 'approve' | 'reject',
    message: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Joins a check of the same organization that is running. */
  checkDrift(input: { readonly organization: OrganizationName }): Promise<void>;
  /** To the recovery of the open incident. @throws Refusal INCIDENT_UNKNOWN where none is running. */
  updateIncident(
    organization: OrganizationName,
    action: IncidentAction,
    message: Readonly<Record<string, unknown>>,
    updateId: string,
  ): Promise<IncidentAcknowledgement>;
  ping(): Promise<void>;
}

export interface ApiSettings {
  readonly deployment: DeploymentId;
  readonly mode: 'development' | 'production';
  /** Where people reach this API: in `Location` and in OpenAPI's `servers`. */
  readonly url: string;
  /** The principal that customers' roles trust: part of the set-up text. */
  readonly principalArn: string;
  /** Our app registrations; one with an organization is that one's own, and unknown to every other. */
  readonly azureApps: readonly { readonly clientId: string; readonly organization: OrganizationId | null }[];
  /** Where our calls to vaults come from (CIDR), for the set-up text; none: not fixed. */
  readonly egressRanges: readonly string[];
  /** Public keys that evidence is checked with: those this deployment trusts, past ones included. */
  readonly custodyKeys: readonly PublicJwk[];
  readonly orderIssuerKeys: readonly PublicJwk[];
  /** Of our own word for who sends a message. */
  readonly actorKeys: readonly PublicJwk[];
  /** How long a part may take to say that it's alive, in milliseconds. */
  readonly probeWithinMs: number;
}

/** What the codec endpoint is made of. */
export interface CodecDeps {
  readonly sealing: SealContext;
  readonly payloads: PayloadCodec;
  /** Of the Web UIs that may use it. */
  readonly origins: readonly string[];
}

/** Everything the API is made of; nothing in `api/` but `main.ts` makes any of it. */
export interface ApiDeps {
  readonly settings: ApiSettings;
  readonly store: Store;
  readonly messenger: Messenger;
  readonly authority: Authority;
  readonly signActor: ActorSigner;
  readonly references: CredentialReferences;
  readonly ends: CredentialEnds;
  /** Ends of the certificates of our own apps, milliseconds since the epoch; `null`: it can't be read. */
  readonly certificates: () => readonly { readonly clientId: string; readonly expiresAtMs: number | null }[];
  readonly signer: Pick<Signer, 'keys'>;
  readonly cipher: WorkspaceCipher;
  readonly codec: CodecDeps;
  /** Of a webhook endpoint: derived anew, and shown once (`domain/webhook.ts`). */
  readonly endpointSecret: (organization: OrganizationId, endpoint: EndpointId) => string;
  /** Organizations whose ledger doesn't continue what the signer has signed: nothing of theirs is changed. */
  readonly behind: ReadonlyMap<OrganizationId, Behind>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Our clock, for the life of actor tokens. */
  readonly now: () => Instant;
  /** A fresh UUID: a request's reference. */
  readonly uuid: () => string;
}
