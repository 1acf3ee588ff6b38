import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, type QueryResultRow } from 'pg';
import type { DeploymentId } from '../../../domain/ids';
import type { Signer } from '../../../domain/ports/signer';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { createStore, type SealingRule, type Store, type Transactions } from '../../../store';
import { freshDatabase } from '../../harness/database';

export const DEPLOYMENT = 'novantra-test' as DeploymentId;
// A story is some twenty transactions, and the machine may be busy.
jest.setTimeout(60_000);

const quiet = { warn: () => undefined };

export interface Opened {
  readonly store: Store;
  readonly signer: Signer;
  /** The application's address, and the superuser's. */
  readonly appUrl: string;
  readonly ownerUrl: string;
  /** Another store on the same database, e.g. with faults around its transactions. */
  another(around?: (transactions: Transactions) => Transactions, signer?: Signer): Store;
  /** As the superuser. */
  sql<T extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

/** Where nothing is judged by the clock. */
const AT_ONCE: SealingRule = { refusals: 3, overMs: 0 };

/** A store as the application's role on a fresh database, with a signer of its own. */
export async function openStore(sealing = AT_ONCE): Promise<Opened> {
  const database = await freshDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'smsk-signer-'));
  await createSignerKeys(folder);
  const signer = await openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
  const appUrl = database.url;
  const options = {
    ...({ url: appUrl, deployment: DEPLOYMENT, mode: 'development', random: randomBytes } as const),
    sealing,
  };
  const stores: Store[] = [];
  const another: Opened['another'] = (around, signedBy = signer) => {
    const store = createStore(options, signedBy, quiet, around);
    stores.push(store);
    return store;
  };
  const owner = new Pool({ connectionString: database.ownerUrl, max: 3 });
  owner.on('error', () => undefined);
  return {
    store: another(),
    signer,
    appUrl,
    ownerUrl: database.ownerUrl,
    another,
    sql: async (text, values = []) => (await owner.query(text, [...values])).rows,
    async close() {
      for (const store of stores) await store.close();
      await owner.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
