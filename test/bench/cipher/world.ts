import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { createWorkspaceCipher, systemClock, type WorkspaceCipher } from '../../../cipher';
import type { Connection } from '../../../domain/connection';
import type { DeploymentId, Epoch, KeyRef, KeyVersion, OrganizationId } from '../../../domain/ids';
import type { Provider } from '../../../domain/ports/provider';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { migrate } from '../../../prisma/migrate';
import { provideApplicationLogin } from '../../../scripts/parts/application-login';
import { startPostgres } from '../../../scripts/parts/postgres';
import type { Part } from '../../../scripts/parts/process';
import { createStore } from '../../../store';
import { CustodySigner } from '../../fakes/cipher/custody-signer';
import { organizationRows } from '../../fakes/cipher/organization';
import { inFolder } from '../folder';
import { insertOrganization } from './rows';

/** Of each call, in the emulator. */
const LATENCY_MS = 10;
type Stoppable = Pick<Part, 'stop'>;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** The customer's side, at one provider. */
interface Side {
  readonly organization: OrganizationId;
  readonly connection: Connection;
  readonly keyRef: KeyRef;
  readonly provider: Provider;
  disableKey(): Promise<void>;
  enableKey(): Promise<void>;
}
type OpenSide<S extends Side> = (folder: string, parts: Stoppable[], latencyMs: number) => Promise<S>;

/** Our cipher on its real parts: durable PostgreSQL, and the emulator in a process of its own, 10 ms away. */
export interface CipherBenchWorld<S extends Side = Side> {
  readonly side: S;
  cipher(coalesce: 'on' | 'off'): WorkspaceCipher;
}

export function withCipherWorld<S extends Side, T>(
  openSide: OpenSide<S>,
  use: (world: CipherBenchWorld<S>) => Promise<T>,
): Promise<T> {
  return inFolder(async (folder, parts) => use(await open(folder, parts, openSide)));
}

async function open<S extends Side>(
  folder: string,
  parts: Stoppable[],
  openSide: OpenSide<S>,
): Promise<CipherBenchWorld<S>> {
  const content = await openContent(folder, parts);
  const side = await openSide(folder, parts, LATENCY_MS);
  await content.insert([side], side.provider);
  // Rates are judged here, not waits: 256 calls of RSA at once take longer than 5 s on a busy machine.
  return { side, cipher: (coalesce) => content.cipher(side.provider, { coalesce, deadlineMs: 60_000 }) };
}

/** Durable PostgreSQL with a store over it, for organizations that are put straight into its tables. */
export async function openContent(folder: string, parts: Stoppable[]) {
  const postgres = await startPostgres({ stateDir: folder, durable: true });
  parts.push(postgres);
  await migrate(postgres.adminUrl);
  const url = await provideApplicationLogin(postgres.adminUrl, 'bench');
  const signerFolder = join(folder, 'signer');
  await createSignerKeys(signerFolder);
  const deployment = 'novantra-bench' as DeploymentId;
  const signer = await openSigner({ folder: signerFolder, deployment, mode: 'development' });
  const store = createStore({ url, deployment, mode: 'development', random: randomBytes }, signer, QUIET);
  parts.push({ stop: () => store.close() });
  const statements = new CustodySigner();
  const nothing = (): void => undefined;
  return {
    /** In customer custody, one key version each. */
    async insert(
      organizations: readonly Pick<Side, 'organization' | 'connection' | 'keyRef'>[],
      provider: Provider,
    ): Promise<void> {
      const database = new Client({ connectionString: postgres.adminUrl });
      await database.connect();
      for (const { organization, connection, keyRef } of organizations) {
        const wrap = async (bytes: Uint8Array, keyVersion: KeyVersion) => {
          const context = { organization, purpose: 'workspace-key', keyVersion } as const;
          return (await provider.wrap(connection, bytes, context, AbortSignal.timeout(10_000))).wrapped;
        };
        const rows = await organizationRows(statements, { organization, connection, keyRef, wrap });
        await insertOrganization(database, rows);
      }
      await database.end();
    },
    cipher: (
      provider: Provider,
      limits: { readonly coalesce: 'on' | 'off'; readonly deadlineMs: number },
    ): WorkspaceCipher =>
      createWorkspaceCipher({
        provider,
        platform: { unwrap: () => Promise.reject(new Error('there is no platform path')) },
        reader: store,
        recorder: store,
        verifier: statements.verifier,
        demandOpen: () => undefined,
        epochFloor: () => Promise.resolve(1 as Epoch),
        coalesce: () => limits.coalesce,
        events: { onOperation: nothing, observe: nothing, onTrouble: nothing },
        clock: systemClock,
        random: randomBytes,
        limits: { deadlineMs: limits.deadlineMs },
      }),
  };
}
