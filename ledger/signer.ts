import { join } from 'node:path';
import { canonicalBytes } from '../domain/canonical';
import type { DeploymentId, Epoch, OrganizationId } from '../domain/ids';
import { organizationId } from '../domain/intake/fields';
import { isOfItsPlan } from '../domain/offboarding';
import type { CheckpointRequest, Signer } from '../domain/ports/signer';
import {
  custodyStatement,
  envelopeStatement,
  offboardedStatement,
  STATEMENT_TYPS,
  type Statement,
  type StatementKind,
  sealedStatement,
} from '../domain/statement';
import { type Disk, nodeDisk } from './disk';
import { nodeSuite } from './node/suite';
import { SignerRefused } from './signer-errors';
import {
  compactJws,
  hasSignerKeys,
  KEY_FILES,
  loadSigningKey,
  type SigningKey,
  STATE_FOLDER,
} from './signer-keys';
import { SignerStates } from './signer-state';
import { StateUnknown } from './state-unknown';
import { checkpointText, type LedgerMode, originOf } from './verify/checkpoint';
import { type Head, verifyConsistency } from './verify/consistency';
import { sameBytes } from './verify/encoding';
import { isSignedBy, parseJws } from './verify/jws';
import { formatNote } from './verify/note';
import { emptyRoot } from './verify/tree';
import { formatVkey, type VerifierKey, verifierKey } from './verify/vkey';

export interface SignerOptions {
  /** Holds the keys and the state; `ledger/signer-keys.ts` says how it looks. */
  readonly folder: string;
  readonly deployment: DeploymentId;
  /** Stamped into every checkpoint. */
  readonly mode: LedgerMode;
  readonly disk?: Disk;
}

/**
 * Opens a signer over its folder. Two must never share one.
 * @throws Error unless `createSignerKeys` was completed there.
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const { folder, disk = nodeDisk } = options;
  if (!(await hasSignerKeys(folder))) throw new Error(`${folder} holds no signer`);
  const [checkpointKey, custodyKey] = await Promise.all([
    loadSigningKey(join(folder, KEY_FILES.checkpoint), disk),
    loadSigningKey(join(folder, KEY_FILES.custody), disk),
  ]);
  return new FolderSigner(
    options,
    checkpointKey,
    custodyKey,
    new SignerStates(join(folder, STATE_FOLDER), disk),
  );
}

const STATEMENTS = {
  envelope: envelopeStatement,
  custody: custodyStatement,
  sealed: sealedStatement,
  offboarded: offboardedStatement.refine((statement) =>
    isOfItsPlan(
      statement,
      parseJws(statement.customerApproval.jws)?.payload,
      parseJws(statement.operatorApproval)?.payload,
    ),
  ),
};

class FolderSigner implements Signer {
  private readonly checkpointVerifier: VerifierKey;
  private readonly empty: Head = { size: 0, root: emptyRoot(nodeSuite) };
  /** The last thing under way per organization: its state is read and replaced by one request at a time. */
  private readonly queues = new Map<string, Promise<unknown>>();
  private stopped: StateUnknown | undefined;

  constructor(
    private readonly options: SignerOptions,
    private readonly checkpointKey: SigningKey,
    private readonly custodyKey: SigningKey,
    private readonly states: SignerStates,
  ) {
    this.checkpointVerifier = verifierKey(nodeSuite, options.deployment, checkpointKey.publicKey);
  }

  async signCheckpoint(request: CheckpointRequest): Promise<string> {
    const next: Head = { size: request.size, root: request.root };
    return this.inTurn(this.organizationOf(request.origin), async (organization) => {
      const state = await this.states.read(organization);
      const last = state.head ?? this.empty;
      const repeated = last.size === next.size && sameBytes(last.root, next.root);
      if (!repeated) {
        if (next.size < last.size) throw new SignerRefused('ROLLBACK');
        if (!verifyConsistency(nodeSuite, last, next, request.consistencyProof))
          throw new SignerRefused('NOT_CONSISTENT');
        // Remembered before it's signed: a signature nobody remembers could be followed by a contradiction.
        await this.states.write(organization, { ...state, head: next });
      }
      return this.noteOf(request.origin, next);
    });
  }

  async lastHead(origin: string): Promise<Head | null> {
    return this.inTurn(
      this.organizationOf(origin),
      async (organization) => (await this.states.read(organization)).head,
    );
  }

  /** One after another: whoever wants something signed meanwhile waits for a single read, not for a thousand. */
  async lastHeads(origins: readonly string[]): Promise<ReadonlyMap<string, Head | null>> {
    const heads = new Map<string, Head | null>();
    for (const origin of origins) heads.set(origin, await this.lastHead(origin));
    return heads;
  }

  async signStatement(kind: StatementKind, statement: Statement): Promise<string> {
    const { data } = STATEMENTS[kind].safeParse(statement);
    if (data === undefined) throw new SignerRefused('WRONG_STATEMENT');
    return this.inTurn(data.organization, async (organization) => {
      const { epochFloor } = await this.states.read(organization);
      if (data.epoch < epochFloor) throw new SignerRefused('EPOCH_BELOW_FLOOR');
      return compactJws(this.custodyKey, STATEMENT_TYPS[kind], canonicalBytes(data));
    });
  }

  epochFloor(organization: OrganizationId): Promise<Epoch> {
    return this.inTurn(organization, async () => (await this.states.read(organization)).epochFloor as Epoch);
  }

  async raiseEpochFloor(statement: string): Promise<void> {
    const jws = parseJws(statement);
    const { data } = custodyStatement.safeParse(jws?.payload);
    if (jws?.typ !== STATEMENT_TYPS.custody || data === undefined) throw new SignerRefused('NOT_OURS');
    if (!(await isSignedBy(nodeSuite, jws, [this.custodyKey.jwk]))) throw new SignerRefused('NOT_OURS');
    await this.inTurn(data.organization, async (organization) => {
      const state = await this.states.read(organization);
      if (data.epoch <= state.epochFloor) return;
      await this.states.write(organization, { ...state, epochFloor: data.epoch });
    });
  }

  async keys() {
    return { checkpointVkey: formatVkey(this.checkpointVerifier), custodyJwk: this.custodyKey.jwk };
  }

  private noteOf(origin: string, head: Head): string {
    const text = checkpointText({ origin, ...head, mode: this.options.mode });
    const { name, keyId } = this.checkpointVerifier;
    return formatNote({
      text,
      signatures: [{ name, keyId, signature: this.checkpointKey.sign(Buffer.from(text)) }],
    });
  }

  /** @throws SignerRefused WRONG_ORIGIN. The organization is also a file name, so its grammar matters. */
  private organizationOf(origin: string): OrganizationId {
    const { data } = organizationId.safeParse(origin.slice(origin.lastIndexOf('/') + 1));
    if (data === undefined || originOf(this.options.deployment, data) !== origin)
      throw new SignerRefused('WRONG_ORIGIN');
    return data;
  }

  private async inTurn<T>(
    organization: OrganizationId,
    work: (organization: OrganizationId) => Promise<T>,
  ): Promise<T> {
    const before = this.queues.get(organization) ?? Promise.resolve();
    const mine = before.then(async () => {
      if (this.stopped !== undefined) throw this.stopped;
      return work(organization);
    });
    const settled = mine.catch((error: unknown) => {
      if (error instanceof StateUnknown) this.stopped = error;
    });
    this.queues.set(organization, settled);
    try {
      return await mine;
    } finally {
      if (this.queues.get(organization) === settled) this.queues.delete(organization);
    }
  }
}
