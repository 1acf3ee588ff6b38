/**
 * Ledger append through `store.commit`, beside plain INSERTs of the same rows in one transaction by the same
 * database client: what exactly-once, the lock, the tree and the clock cost. The INSERTs are raw statements,
 * prepared, which is the client's fastest way. Durable PostgreSQL, one organization, one commit at a time.
 *
 * The client is part of both sides. For comparison, without a bound: the same INSERTs by bare `pg`, which shows
 * what Prisma's share is.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
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
import { inFolder } from './folder';
import { comparePairs } from './pairs';
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

export const appendBench = (): Promise<BenchResult[]> =>
  inFolder(async (folder, parts) => {
    const postgres = await startPostgres({ stateDir: folder, durable: true });
    parts.push(postgres);
    await migrate(postgres.adminUrl);
    const url = await provideApplicationLogin(postgres.adminUrl, 'bench');
    const signerFolder = join(folder, 'signer');
    await createSignerKeys(signerFolder);
    const signer = await openSigner({ folder: signerFolder, deployment: DEPLOYMENT, mode: 'development' });
    const options = { url, deployment: DEPLOYMENT, mode: 'development', random: randomBytes } as const;
    const store = createStore(options, signer, QUIET);
    const { prisma, close } = openDatabase(url, QUIET);
    const bare = new Client({ connectionString: url });
    await bare.connect();
    try {
      const ours = await Appender.open(store);
      const name = 'ledger append, beside plain INSERTs of the same rows';
      return [
        await compare(name, TARGET, ours, (rows) => insert(prisma, rows)),
        await compare(`${name} by bare pg`, 0, ours, (rows) => insertBare(bare, rows)),
      ];
    } finally {
      await bare.end();
      await close();
      await store.close();
    }
  });

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

async function insertBare(client: Client, rows: Rows): Promise<void> {
  const { organizationId, index, entry, leafHash, jws } = rows;
  await client.query('BEGIN');
  await client.query({
    name: 'entry',
    text: `INSERT INTO ledger_entry (organization_id, index, type, at, entry, leaf_hash, idempotency_key, request_digest)
      VALUES ($1, $2, 'order-accepted', now(), $3, $4, $5, $6)`,
    values: [organizationId, index, entry, leafHash, `order/${index}`, DIGEST],
  });
  await client.query({
    name: 'order',
    text: `INSERT INTO signed_order (organization_id, seq, jti, kind, order_ref, jws, expires_at, ledger_index)
      VALUES ($1, $2, $3, 'order', 'PO-1', $4, $5, $6)`,
    values: [organizationId, index + 1, `order-${index}`, jws, EXPIRES, index],
  });
  await client.query('COMMIT');
}

async function compare(
  name: string,
  target: number,
  ours: Appender,
  insert: (rows: Rows) => Promise<void>,
): Promise<BenchResult> {
  const organizationId = randomUUID();
  await ours.commit();
  const rows = await ours.lastRows();
  let index = 0;
  return comparePairs(
    { name, unit: 'commits per second', pairs: PAIRS, bound: 'at-least', target },
    () => rate(() => ours.commit()),
    () => rate(() => insert({ ...rows, organizationId, index: index++ })),
  );
}

async function rate(operation: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < COMMITS; i++) await operation();
  return (COMMITS * 1_000) / (performance.now() - start);
}
