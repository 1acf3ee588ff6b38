import { runEmulator } from '../loopback/run';
import { startAzureEmulator } from './emulator';

const usage = `node --import tsx emulators/azure/main.ts [--port N] [--state-dir DIR] [--control-token-file FILE] [--latency-ms N]

Emulates Entra ID and Key Vault on one loopback port that speaks TLS. Prints one line of JSON when it listens.
Without --control-token-file a token is made and printed with it.`;

runEmulator(usage, startAzureEmulator, ({ url, ca }) => ({ url, ca }));
