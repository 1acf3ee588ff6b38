/**
 * Ledger append through `store.commit`, beside plain INSERTs of the same rows in one transaction by the same
 * database client: what exactly-once, the lock, the tree and the clock cost. The INSERTs are raw statements,
 * prepared, which is the client's fastest way. Durable PostgreSQL, one organization, one commit at a time.
 *
 * The client is part of both sides. Bare `pg` does the same INSERTs some three times faster than it; that is the
 * price of Prisma, and not what is measured here.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM } from '../../domain/actor';
import { type DeploymentId, instantOf, type OrganizationId, type OrganizationName } from '../../domain/ids';
import type { PrismaClient } from '../../generated/prisma/client';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { migrate } from '../../prisma/migrate';
import { provideApplicationLogin } from '../../scripts/parts/application-login';
import { startPostgres } from '../../scripts/parts/postgres';
import { createStore, type Store } from '../../store';
import { openDatabase } from '../../store/database';
import type { BenchResult } from './result';

const PAIRS = 9;
const COMMITS = 150;
const TARGET = 0.4;
const DEPLOYMENT = 'novantra-bench' as DeploymentId;

/** The rows of one accepted order: its ledger entry and itself. */
interface Rows {
  readonly organizationId: string;
  readonly index: number;
  readonly jws: string;
  readonly entry: string;
  readonly leafHash: Uint8Array<ArrayBuffer>;
}

export async function appendBench(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-bench-'));
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir, { mode: 0o711 });
  const postgres = await startPostgres({ stateDir, durable: true });
  try {
    await migrate(postgres.adminUrl);
    const url = await provideApplicationLogin(postgres.adminUrl, 'bench');
    const signerFolder = join(folder, 'signer');
    await createSignerKeys(signerFolder);
    const signer = await openSigner({ folder: signerFolder, deployment: DEPLOYMENT, mode: 'development' });
    const options = { url, deployment: DEPLOYMENT, mode: 'development', random: randomBytes } as const;
    const store = createStore(options, signer, QUIET);
    const database = openDatabase(url, QUIET);
    try {
      return [await compare(await Appender.open(store), database.prisma)];
    } finally {
      await database.close();
      await store.close();
    }
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Accepts order after order of one organization. */
class Appender {
  private seq = 0;
  private constructor(
    private readonly store: Store,
    private readonly organization: OrganizationId,
  ) {}

  static async open(store: Store): Promise<Appender> {
    const name = 'bench' as OrganizationName;
    const created = await store.createOrganization({ name, claimant: 'bench', actor: SYSTEM });
    return new Appender(store, created.organization);
  }

  async commit(): Promise<void> {
    this.seq += 1;
    const { seq, organization } = this;
    await this.store.commit({
      idempotencyKey: `order/${seq}`,
      actor: SYSTEM,
      fence: null,
      organization,
      change: {
        type: 'order-accepted',
        jws: JWS,
        orderRef: 'PO-1',
        jti: `order-${seq}`,
        seq,
        kind: 'order',
        exp: EXPIRES,
      },
    });
  }

  /** What the last commit wrote, for an organization that isn't there: no lock, no head. */
  async lastRows(): Promise<Omit<Rows, 'organizationId' | 'index'>> {
    const { size } = await this.store.ledgerHead(this.organization);
    const [line] = await this.store.ledgerLines(this.organization, size - 1, 1);
    const [leaf] = (await this.store.leafHashes(this.organization)).slice(-1);
    return { jws: JWS, entry: line?.entry ?? '', leafHash: Uint8Array.from(leaf ?? []) };
  }
}

const JWS = `${'a'.repeat(60)}.${'b'.repeat(420)}.${'c'.repeat(86)}`;
const DIGEST = 'f'.repeat(64);
const QUIET = { warn: () => undefined };
const EXPIRES = instantOf(4_000_000_000_000);

async function insert(prisma: PrismaClient, rows: Rows): Promise<void> {
  const { organizationId, index, entry, leafHash, jws } = rows;
  await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`
      INSERT INTO ledger_entry (organization_id, index, type, at, entry, leaf_hash, idempotency_key, request_digest)
      VALUES (${organizationId}::uuid, ${index}, 'order-accepted', now(), ${entry}, ${leafHash},
        ${`order/${index}`}, ${DIGEST})`;
    await tx.$executeRaw`
      INSERT INTO signed_order (organization_id, seq, jti, kind, order_ref, jws, expires_at, ledger_index)
      VALUES (${organizationId}::uuid, ${index + 1}, ${`order-${index}`}, 'order', 'PO-1', ${jws},
        ${EXPIRES}::timestamptz, ${index})`;
  });
}

async function compare(ours: Appender, prisma: PrismaClient): Promise<BenchResult> {
  const organizationId = randomUUID();
  await ours.commit();
  const rows = await ours.lastRows();
  let index = 0;
  const reference = () => insert(prisma, { ...rows, organizationId, index: index++ });
  const commit = () => ours.commit();
  await rate(commit);
  await rate(reference);
  const pairs: { ours: number; reference: number }[] = [];
  for (let i = 0; i < PAIRS; i++) {
    // Who goes first alternates, so that neither always pays for the other's write-ahead log.
    if (i % 2 === 0) {
      const first = await rate(commit);
      pairs.push({ ours: first, reference: await rate(reference) });
    } else {
      const first = await rate(reference);
      pairs.push({ ours: await rate(commit), reference: first });
    }
  }
  const ratios = pairs.map((pair) => pair.ours / pair.reference);
  const ratio = median(ratios);
  return {
    name: 'ledger append, beside plain INSERTs of the same rows',
    value: median(pairs.map((pair) => pair.ours)),
    unit: 'commits per second',
    reference: median(pairs.map((pair) => pair.reference)),
    ratio,
    target: TARGET,
    ok: ratio >= TARGET,
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

async function rate(operation: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < COMMITS; i++) await operation();
  return (COMMITS * 1_000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
