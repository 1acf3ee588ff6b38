import { run } from './program';
import { processTerminal } from './terminal';

run(process.argv.slice(2), processTerminal()).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(`smsk: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
