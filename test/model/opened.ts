import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { createStatementVerifier } from '../../authority';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys } from '../../ledger/signer-keys';
import { createStore, type Store } from '../../store';
import { DEPLOYMENT } from '../fakes/authority';
import { freshDatabase } from '../harness/database';
import { MemoryDisk } from './world/memory-disk';
import { Rows } from './world/rows';
import { nameOf, type Start } from './world/starts';
import { World } from './world/world';

type Starts = (around: {
  owner: Pool;
  rows: Rows;
  disk: MemoryDisk;
  world: World;
}) => Promise<readonly Start[]>;

export interface Model {
  readonly store: Store;
  /** For each organization, where it may begin: interleavings of different ones are played at the same time. */
  readonly organizations: readonly (readonly Start[])[];
  close(): Promise<void>;
}

/** A real store as the application's role, with a real signer whose disk can be put back. */
export async function openModel(starts: Starts, organizations: number): Promise<Model> {
  const database = await freshDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'smsk-model-'));
  await createSignerKeys(folder);
  const disk = new MemoryDisk(folder);
  const mode = 'development';
  const signer = await openSigner({ folder, deployment: DEPLOYMENT, mode, disk });
  const store = createStore(
    {
      ...{ url: database.url, deployment: DEPLOYMENT, mode, random: randomBytes },
      sealing: { refusals: 3, overMs: 0 },
    },
    signer,
    { warn: () => undefined },
  );
  const owner = new Pool({ connectionString: database.ownerUrl, max: organizations + 1 });
  owner.on('error', () => undefined);
  const rows = await Rows.of(owner);
  const statements = createStatementVerifier([(await signer.keys()).custodyJwk]);
  const made: (readonly Start[])[] = [];
  for (let nth = 0; nth < organizations; nth += 1) {
    const world = new World(nameOf(nth), { store, signer, statements });
    made.push(await starts({ owner, rows, disk, world }));
  }
  return {
    store,
    organizations: made,
    async close() {
      await store.close();
      await owner.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
