import { randomBytes } from 'node:crypto';
import {
  type CipherDeps,
  createWorkspaceCipher,
  type OperationEvent,
  type Trouble,
  type UnwrapObservation,
  type WorkspaceCipher,
} from '../../../cipher';
import type { ProviderCode } from '../../../domain/codes';
import { ProviderFailure, Refusal } from '../../../domain/failure';
import type { Epoch, OrganizationId } from '../../../domain/ids';
import type { ContentRecorder, CustodyReader, UsageRecord } from '../../../domain/ports/content';
import { CustodySigner } from './custody-signer';
import { FakeKeyService, type UnwrapCall } from './key-service';
import { ManualClock } from './manual-clock';
import { type OrganizationRows, type OrganizationShape, organizationRows, snapshotOf } from './organization';

/** A cipher on fakes of its ports, with real statements, and everything it told its operator. */
export class CipherWorld {
  readonly signer = new CustodySigner();
  readonly clock = new ManualClock();
  readonly keys = new FakeKeyService();
  readonly rows = new Map<OrganizationId, OrganizationRows>();
  readonly floors = new Map<OrganizationId, number>();
  readonly operations: OperationEvent[] = [];
  readonly observations: UnwrapObservation[] = [];
  readonly troubles: Trouble[] = [];
  readonly usage: UsageRecord[] = [];
  readonly refused: { organization: OrganizationId; code: ProviderCode; requestId: string | null }[] = [];
  readonly answered: OrganizationId[] = [];
  reads = 0;
  floorReads = 0;
  coalesce: 'on' | 'off' = 'on';

  /** Tests replace these to delay or break them. */
  reader: CustodyReader = {
    snapshot: (organization, versions) => {
      this.reads++;
      const rows = this.rows.get(organization);
      if (rows === undefined) return Promise.reject(new Refusal('ORGANIZATION_UNKNOWN'));
      return Promise.resolve(snapshotOf(rows, versions));
    },
  };
  recorder: ContentRecorder = {
    usage: (records) => {
      this.usage.push(...records);
      return Promise.resolve();
    },
    refused: (organization, code, requestId) => {
      this.refused.push({ organization, code, requestId });
      return Promise.resolve();
    },
    answered: (organization) => {
      this.answered.push(organization);
      return Promise.resolve();
    },
  };

  constructor() {
    this.keys.answer = (call) => this.unwrapped(call);
  }

  /** The key that a call asks for, as the true provider would answer. */
  unwrapped(call: UnwrapCall): Promise<Uint8Array> {
    const key = this.rows.get(call.context.organization)?.keys.get(call.context.keyVersion);
    return key === undefined
      ? Promise.reject(new ProviderFailure('CONTEXT_OR_BLOB_INVALID'))
      : Promise.resolve(key);
  }

  async organization(shape: OrganizationShape = {}): Promise<OrganizationRows> {
    const rows = await organizationRows(this.signer, shape);
    this.rows.set(rows.id, rows);
    return rows;
  }

  cipher(overrides: Partial<CipherDeps> = {}): WorkspaceCipher {
    return createWorkspaceCipher({
      provider: this.keys.provider,
      platform: this.keys.platform,
      reader: { snapshot: (organization, versions) => this.reader.snapshot(organization, versions) },
      recorder: {
        usage: (records) => this.recorder.usage(records),
        refused: (organization, code, requestId) => this.recorder.refused(organization, code, requestId),
        answered: (organization) => this.recorder.answered(organization),
      },
      verifier: this.signer.verifier,
      demandOpen: () => undefined,
      epochFloor: (organization) => {
        this.floorReads++;
        return Promise.resolve((this.floors.get(organization) ?? 0) as Epoch);
      },
      coalesce: () => this.coalesce,
      events: {
        onOperation: (event) => this.operations.push(event),
        observe: (observation) => this.observations.push(observation),
        onTrouble: (trouble) => this.troubles.push(trouble),
      },
      clock: this.clock,
      random: randomBytes,
      ...overrides,
    });
  }
}

/** A promise that the test settles. */
export class Gate<T = void> {
  readonly promise: Promise<T>;
  open: (value: T) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
  }
}

/** The code an operation ended with: `OK`, or a provider's or request's code. */
export async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return 'OK';
  } catch (error) {
    if (error instanceof Error && 'providerCode' in error) return String(error.providerCode);
    return error instanceof Refusal ? error.code : `not ours: ${String(error)}`;
  }
}
