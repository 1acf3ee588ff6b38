import type { Code, ProviderCode } from '../../domain/codes';
import type { Connection } from '../../domain/connection';
import type { OrganizationId, RequestId } from '../../domain/ids';
import type { ControlProbe } from '../../domain/ports/control-probe';
import type { PlatformKeyControl } from '../../domain/ports/platform';
import type { Prober } from '../../domain/ports/prober';
import type { ProbeKind, Store } from '../../store/contract';
import type { Logger } from '../deps';
import type { SweepSettings } from './settings';

/** What every sweep is composed of. */
export interface LaneDeps {
  readonly store: Pick<Store, 'commit' | 'enrolProbes' | 'leaseProbes' | 'settleProbes' | 'releaseProbes'>;
  readonly sweep: SweepSettings;
  /** A fresh UUID: names what holds leases. */
  readonly uuid: () => string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Resolves after so many milliseconds, or rejects when it isn't waited for any more. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each probe, for metrics. */
  readonly observeProbe: (kind: ProbeKind, code: Code | 'OK') => void;
  readonly logger: Logger;
}

/** Of customers' keys, and of rows. */
export interface SweepDeps extends LaneDeps {
  readonly store: LaneDeps['store'] &
    Pick<Store, 'auditRows' | 'completeSweep' | 'organizationByName' | 'probeSubjects'>;
  readonly prober: Prober;
  /** When the credential behind a connection ends, in milliseconds since the epoch; `null`: it doesn't. */
  readonly credentialEnd: (connection: Connection, signal: AbortSignal) => Promise<number | null>;
  readonly controlProbe: ControlProbe;
  /** Opens the organization's incident, or is counted into the open one, through the outbox. */
  readonly probeRefused: (
    organization: OrganizationId,
    code: ProviderCode,
    requestId: RequestId | null,
  ) => Promise<void>;
}

/** Of the operator's former keys: the platform process alone can look at them. */
export interface PlatformSweepDeps extends LaneDeps {
  readonly store: LaneDeps['store'] & Pick<Store, 'formerPlatformKeys'>;
  readonly control: Pick<PlatformKeyControl, 'state'>;
}
