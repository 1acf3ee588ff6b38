/** What the cipher tells its operator: exactly one event for each operation, one observation for each unwrap. */
import type { ProviderCode, RequestCode } from '../domain/codes';
import type { ProviderName } from '../domain/custody';
import { DatabaseUnavailable } from '../domain/failure';
import type { KeyVersion, OrganizationId, RequestId } from '../domain/ids';

export type ContentOperationKind = 'encrypt' | 'decrypt' | 'encrypt-batch' | 'decrypt-batch';

export const isEncryption = (kind: ContentOperationKind): boolean =>
  kind === 'encrypt' || kind === 'encrypt-batch';

/** One per operation, on every path. Holds no content, no context, no key. */
export interface OperationEvent {
  readonly organization: OrganizationId;
  readonly operation: ContentOperationKind;
  readonly items: number;
  /** Bytes of content handed in. */
  readonly bytes: number;
  readonly code: 'OK' | RequestCode;
  readonly providerCode: ProviderCode | null;
  /** The provider's id of the call that authorized or refused it; of the last, where a batch needed several. */
  readonly requestId: RequestId | null;
  /** From arrival to answer. */
  readonly durationMs: number;
}

/** One per group and key version. */
export interface UnwrapObservation {
  readonly organization: OrganizationId;
  readonly provider: ProviderName | 'platform';
  readonly keyVersion: KeyVersion;
  readonly code: 'OK' | ProviderCode;
  readonly requestId: RequestId | null;
  /** Operations in the group, of all key versions. */
  readonly groupSize: number;
  /** Operations that wanted this key version and still waited when the answer came. */
  readonly operations: number;
  /** `null` where no call was made, because the envelope's statement was refused. */
  readonly unwrapMs: number | null;
}

/** Trouble of our own making, in our words; `detail` is a check's name or a database's error code. */
export interface Trouble {
  readonly organization: OrganizationId;
  readonly what:
    | 'statement'
    | 'custody-read'
    | 'reference-read'
    | 'epoch-floor'
    | 'usage'
    | 'refused'
    | 'answered'
    | 'internal';
  readonly detail: string | null;
}

export interface CipherEvents {
  onOperation(event: OperationEvent): void;
  observe(observation: UnwrapObservation): void;
  onTrouble(trouble: Trouble): void;
}

/** The same events, where a logger that throws harms no operation. */
export function harmless(events: CipherEvents): CipherEvents {
  const guarded =
    <E>(tell: (event: E) => void) =>
    (event: E): void => {
      try {
        tell(event);
      } catch {
        // Nobody is left to tell.
      }
    };
  return {
    onOperation: guarded((event) => events.onOperation(event)),
    observe: guarded((observation) => events.observe(observation)),
    onTrouble: guarded((trouble) => events.onTrouble(trouble)),
  };
}

const DATABASE_CODE = /^(?:[0-9A-Z]{5}|P\d{4}|E[A-Z]{3,20})$/;

/** SQLSTATE, Prisma or system error code of an error, and nothing else of it. */
export function databaseCodeOf(error: unknown): string | null {
  if (error instanceof DatabaseUnavailable) return error.databaseCode;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && DATABASE_CODE.test(code) ? code : null;
}
