import { randomBytes, randomUUID } from 'node:crypto';
import { type Connection, connectionInput, newConnection } from '../../../domain/connection';
import type { Custody, CustodyRecord, EnvelopeRecord } from '../../../domain/custody';
import { sha256Hex } from '../../../domain/digest';
import {
  type ConnectionId,
  type Epoch,
  instantOf,
  type KeyRef,
  type KeyVersion,
  type LedgerIndex,
  type OperationId,
  type OrganizationId,
} from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import type { CustodySnapshot } from '../../../domain/ports/content';
import type { CustodySigner } from './custody-signer';

/** How a test wraps a key: by itself, or with a provider's real client. */
export type WrapKey = (
  bytes: Uint8Array,
  version: KeyVersion,
  connection: Connection | null,
) => Promise<Uint8Array>;

export interface OrganizationShape {
  readonly organization?: OrganizationId;
  readonly custody?: Custody;
  readonly versions?: number;
  readonly epoch?: number;
  readonly keyRef?: KeyRef;
  readonly operationId?: OperationId;
  /** Of the entry that switched custody. */
  readonly switchedAt?: number;
  /** Whether the platform key was sealed. */
  readonly sealed?: boolean;
  /** As it is; otherwise one to AWS is made up from the three below. */
  readonly connection?: Connection;
  readonly roleArn?: string;
  readonly externalId?: string;
  /** Key bytes of versions 1, 2, …; drawn at random where not given. */
  readonly keys?: readonly Uint8Array[];
  readonly wrap?: WrapKey;
}

const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ROLE_ARN = 'arn:aws:iam::111122223333:role/smsk';

/** What the database holds of one organization, with real statements. Rows are plain, so that tests can forge them. */
export interface OrganizationRows {
  readonly id: OrganizationId;
  readonly keys: ReadonlyMap<KeyVersion, Uint8Array>;
  custody: CustodyRecord;
  envelopes: EnvelopeRecord[];
  connection: Connection | null;
  sealed: string | null;
  offboarded: string | null;
}

export async function organizationRows(
  signer: CustodySigner,
  shape: OrganizationShape = {},
): Promise<OrganizationRows> {
  const organization = shape.organization ?? (randomUUID() as OrganizationId);
  const custody = shape.custody ?? 'customer';
  const epoch = (shape.epoch ?? 2) as Epoch;
  const keyRef = shape.keyRef ?? (KEY_ARN as KeyRef);
  const operationId = shape.operationId ?? (randomUUID() as OperationId);
  const switchedAt = shape.switchedAt ?? 20;
  const connection =
    custody === 'customer' ? (shape.connection ?? connectionOf(organization, keyRef, shape)) : null;
  const wrap = shape.wrap ?? (() => Promise.resolve(randomBytes(152)));

  const keys = new Map<KeyVersion, Uint8Array>();
  const envelopes: EnvelopeRecord[] = [];
  const currentVersion = (shape.versions ?? 1) as KeyVersion;
  for (let version = 1 as KeyVersion; version <= currentVersion; version = (version + 1) as KeyVersion) {
    const key = shape.keys?.[version - 1] ?? randomBytes(32);
    keys.set(version, key);
    const wrapped = await wrap(key, version, connection);
    const facts = {
      organization,
      version,
      custody,
      connectionId: connection?.id ?? null,
      wrappedSha256: sha256Hex(wrapped),
      checkValue: checkValueOf(key, organization, version),
      keyRef,
      operationId,
      epoch,
    };
    const statement = signer.sign('envelope', {
      type: 'smsk-envelope/v1',
      ...facts,
      ledgerIndex: (10 + version) as LedgerIndex,
    });
    envelopes.push({ ...facts, wrapped, statement });
  }
  return {
    id: organization,
    keys,
    envelopes,
    connection,
    custody: {
      organization,
      custody,
      epoch,
      currentVersion,
      connectionId: connection?.id ?? null,
      sealing: false,
      changedAt: instantOf(0),
      statement: signer.sign('custody', {
        type: 'smsk-custody/v1',
        organization,
        custody,
        epoch,
        currentVersion,
        connectionId: connection?.id ?? null,
        connectionDigest: connection?.digest ?? null,
        keyRef,
        envelopes: Object.fromEntries(envelopes.map((each) => [String(each.version), each.wrappedSha256])),
        operationId,
        ledgerIndex: switchedAt as LedgerIndex,
      }),
    },
    offboarded: null,
    sealed:
      shape.sealed === true
        ? signer.sign('sealed', {
            type: 'smsk-platform-sealed/v1',
            organization,
            platformKeyRef: 'platform-key' as KeyRef,
            operationId,
            epoch,
            ledgerIndex: (switchedAt + 1) as LedgerIndex,
          })
        : null,
  };
}

function connectionOf(organization: OrganizationId, keyRef: KeyRef, shape: OrganizationShape): Connection {
  const externalId = shape.externalId ?? `smsk-${randomUUID()}`;
  const input = connectionInput.parse({
    provider: 'aws-kms',
    region: 'eu-central-1',
    key: keyRef,
    credential: { kind: 'aws-role', roleArn: shape.roleArn ?? ROLE_ARN },
  });
  const connection = newConnection(randomUUID() as ConnectionId, organization, externalId, input);
  return { ...connection, pinnedKeyRef: keyRef };
}

/** What the primary answers: the asked versions and nothing else. */
export function snapshotOf(
  rows: OrganizationRows,
  versions: readonly (KeyVersion | 'current')[],
): CustodySnapshot {
  const asked = new Set(versions.map((each) => (each === 'current' ? rows.custody.currentVersion : each)));
  return {
    custody: rows.custody,
    envelopes: rows.envelopes.filter((envelope) => asked.has(envelope.version)),
    connection: rows.connection,
    sealed: rows.sealed,
    offboarded: rows.offboarded,
  };
}
