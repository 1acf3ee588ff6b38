// What one jest run has started, in jest's own process. Several kinds of test may ask; each part starts once.
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { type Postgres, startPostgres } from '../../scripts/parts/postgres';
import { removeState } from '../../scripts/parts/state';
import { startTemporal, type Temporal } from '../../scripts/parts/temporal';
import { temporalBinaries } from '../../scripts/parts/temporal-binaries';
import { WORKFLOWS } from '../../workers/bundle';
import { makeTemplate } from './template';
import { VARIABLES } from './variables';

interface Started {
  stateDir?: string;
  postgres?: Promise<Postgres>;
  temporal?: Promise<Temporal>;
  bundle?: Promise<{ readonly code: string }>;
}

// jest loads this module once for each kind of test, so a module's own variable would be several.
const KEY = Symbol.for('smsk.test.services');
const shared = globalThis as unknown as Record<symbol, Started | undefined>;
const started: Started = shared[KEY] ?? {};
shared[KEY] = started;

function stateDir(): string {
  if (started.stateDir === undefined) {
    started.stateDir = mkdtempSync(join(tmpdir(), 'smsk-test-'));
    // PostgreSQL may run as another account than ours and has to walk through it.
    chmodSync(started.stateDir, 0o711);
  }
  return started.stateDir;
}

/** PostgreSQL with a migrated template database, its address in the environment that the test files inherit. */
export async function providePostgres(): Promise<void> {
  started.postgres ??= startPostgres({ stateDir: stateDir(), durable: false });
  const { adminUrl } = await started.postgres;
  if (process.env[VARIABLES.postgres] === adminUrl) return;
  await makeTemplate(adminUrl);
  process.env[VARIABLES.postgres] = adminUrl;
}

export async function provideTemporal(): Promise<void> {
  started.temporal ??= startTemporal({ stateDir: stateDir(), durable: false });
  process.env[VARIABLES.temporal] = (await started.temporal).address;
}

/** Nothing is started: the time-skipping server has one clock, so each test file starts its own. */
export function provideTestServer(): void {
  const { temporal, testServer } = temporalBinaries();
  process.env[VARIABLES.temporalCli] = temporal;
  process.env[VARIABLES.testServer] = testServer;
}

/** Our workflows, bundled once for the whole run: that takes seconds, and each file would do it for itself. */
export async function provideWorkflowBundle(): Promise<void> {
  started.bundle ??= bundleWorkflowCode({ ...WORKFLOWS, logger: new DefaultLogger('ERROR') });
  const { code } = await started.bundle;
  const file = join(stateDir(), 'workflow-bundle.js');
  writeFileSync(file, code);
  process.env[VARIABLES.workflowBundle] = file;
}

/** Ends all of it and removes its files. Jest calls it once for each kind of test; later calls find nothing. */
export async function stopServices(): Promise<void> {
  const { postgres, temporal, stateDir: folder } = started;
  delete started.postgres;
  delete started.temporal;
  delete started.stateDir;
  delete started.bundle;
  await (await temporal?.catch(() => undefined))?.stop();
  await (await postgres?.catch(() => undefined))?.stop();
  if (folder !== undefined) removeState(folder);
}
