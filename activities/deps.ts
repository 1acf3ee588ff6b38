import type { Epoch, OrganizationId } from '../domain/ids';
import type { Authority, StatementVerifier } from '../domain/ports/authority';
import type { ControlProbe } from '../domain/ports/control-probe';
import type { Histories } from '../domain/ports/histories';
import type { Notifier } from '../domain/ports/notifier';
import type { PlatformKeyControl, PlatformKeys } from '../domain/ports/platform';
import type { Provider, Verifier } from '../domain/ports/provider';
import type { Store } from '../store/contract';
import type { NoticeDeps } from './notify/deps';
import type { Settings } from './settings';

/** The part of pino that activities use. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What activities use of the store. */
export type ActivityStore = Pick<
  Store,
  | 'approvals'
  | 'approverKeys'
  | 'claim'
  | 'closeIncident'
  | 'commit'
  | 'connection'
  | 'createOrganization'
  | 'dryRun'
  | 'latestOrder'
  | 'liveEnvelopes'
  | 'now'
  | 'operation'
  | 'operatorApproval'
  | 'spareLeft'
  | 'wasLaunched'
  | 'orders'
  | 'organizationByName'
  | 'planFacts'
  | 'platformEnvelopes'
  | 'platformKey'
  | 'probeRefused'
  | 'recordIncidents'
  | 'recordRefusal'
  | 'refusedWith'
  | 'rotation'
  | 'rotationsDue'
  | 'sealingProof'
  | 'stagedEnvelopes'
  | 'statements'
  | 'status'
  | 'supersededEnvelopes'
>;

interface SharedDeps {
  readonly store: ActivityStore;
  /** The customers' key services, by what the connection names. */
  readonly provider: Provider;
  readonly statements: StatementVerifier;
  readonly authority: Pick<
    Authority,
    'actor' | 'approval' | 'maintenance' | 'operatorApproval' | 'order' | 'rooted'
  >;
  readonly settings: Settings;
  /** The signer's: below it no custody statement is the present one. */
  readonly epochFloor: (organization: OrganizationId) => Promise<Epoch>;
  /** Cryptographically secure bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly logger: Logger;
}

/** What the custody process is composed of. */
export interface CustodyDeps extends SharedDeps {
  readonly verifier: Verifier;
  /** Tells whose a failure is. */
  readonly controlProbe: ControlProbe;
  readonly notifier: Notifier;
  readonly notices: NoticeDeps;
  readonly histories: Histories;
}

/** What the platform process is composed of: the only one with the identity for the operator's own keys. */
export interface PlatformDeps extends SharedDeps {
  readonly keys: PlatformKeys;
  readonly control: PlatformKeyControl;
}
