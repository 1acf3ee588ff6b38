// Prisma's schema engine as WebAssembly: the code behind `prisma migrate deploy`, without its native binary.
import { readFileSync } from 'node:fs';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';
import { readInternalChars } from './internal-char';

/** Node has it, but its types come with the browser's, which this project leaves out. */
const wasm = (globalThis as unknown as { WebAssembly: WasmLoader }).WebAssembly;
interface WasmLoader {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}

let loaded: Promise<void> | undefined;

/** The package's own entry imports the `.wasm` as a module, which Node doesn't do; so it's bound by hand, once. */
function load(): Promise<void> {
  loaded ??= (async () => {
    const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
    const { instance } = await wasm.instantiate(readFileSync(file), { './schema_engine_bg.js': imports() });
    const glue = bindings as unknown as { __wbg_set_wasm(exports: unknown): void };
    glue.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
  })();
  return loaded;
}

/**
 * The engine sets a timer of ten seconds beside its advisory lock and never clears it; it must not keep the
 * process running for so long.
 */
function imports(): Record<string, unknown> {
  const setTimer = Object.keys(bindings).filter((name) => name.startsWith('__wbg_setTimeout_'));
  const unreferenced = (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref();
  return { ...bindings, ...Object.fromEntries(setTimer.map((name) => [name, unreferenced])) };
}

/** Runs `use` with an engine that speaks to the database at `url`, and closes it. */
export async function withEngine<T>(
  url: string,
  use: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  await load();
  // One connection, and ours to close: the engine takes an advisory lock on it, which lasts as long as it does.
  const pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 10_000 });
  pool.on('error', () => undefined);
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(new WholeAdapter(pool));
    const engine = await bindings.SchemaEngine.new({ datamodels: undefined }, () => undefined, factory);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

/** Prisma's adapter with two things mended that the schema engine needs. */
class WholeAdapter extends PrismaPg {
  constructor(private readonly pool: Pool) {
    super(pool);
  }

  override async connect() {
    const adapter = await super.connect();
    readInternalChars(this.pool, adapter);
    // Its own cuts a script at every semicolon, those in function bodies included, and runs each piece by itself.
    // Without arguments `executeRaw` takes PostgreSQL's simple protocol, which takes a script as it is and makes
    // it one transaction, as the native engine does.
    adapter.executeScript = async (sql) => {
      await adapter.executeRaw({ sql, args: [], argTypes: [] });
    };
    return adapter;
  }
}
