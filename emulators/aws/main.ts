import { runEmulator } from '../loopback/run';
import { startAwsEmulator } from './emulator';

const usage = `node --import tsx emulators/aws/main.ts [--port N] [--state-dir DIR] [--control-token-file FILE] [--latency-ms N]

Emulates AWS STS, KMS and IAM on one loopback port. Prints one line of JSON when it listens.
Without --control-token-file a token is made and printed with it.`;

runEmulator(usage, startAwsEmulator, ({ url }) => ({ url }));
