import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endOnSignal } from '../loopback/run';
import { startAzureEmulator } from './emulator';

const usage = `node --import tsx emulators/azure/main.ts [--port N] [--state-dir DIR] [--control-token-file FILE] [--latency-ms N]

Emulates Entra ID and Key Vault on one loopback port that speaks TLS. Prints one line of JSON when it listens.
Without --control-token-file a token is made and printed with it.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'state-dir': { type: 'string' },
      'control-token-file': { type: 'string' },
      'latency-ms': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const tokenFile = values['control-token-file'];
  const emulator = await startAzureEmulator({
    port: Number(values.port ?? 0),
    latencyMs: Number(values['latency-ms'] ?? 0),
    ...(values['state-dir'] === undefined ? {} : { stateDir: values['state-dir'] }),
    ...(tokenFile === undefined ? {} : { controlToken: readFileSync(tokenFile, 'utf8').trim() }),
  });
  const { url, ca, controlToken } = emulator;
  console.log(JSON.stringify(tokenFile === undefined ? { url, ca, controlToken } : { url, ca }));
  endOnSignal(() => emulator.close());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
