import { Command, CommanderError } from 'commander';
import { argumentFault } from './argument-fault';
import { createAct, type Ending } from './command';
import { activate } from './commands/activate';
import { approve } from './commands/approve';
import { approver } from './commands/approver';
import { audit } from './commands/audit';
import { cancel } from './commands/cancel';
import { connection } from './commands/connection';
import { decrypt, encrypt } from './commands/content';
import { credential } from './commands/credential';
import { drift } from './commands/drift';
import { dryRun } from './commands/dry-run';
import { evidence } from './commands/evidence';
import { handoff } from './commands/handoff';
import { incident } from './commands/incident';
import { ledger } from './commands/ledger';
import { live } from './commands/live';
import { maintenance } from './commands/maintenance';
import { notify } from './commands/notify';
import { offboard } from './commands/offboard';
import { order } from './commands/order';
import { org } from './commands/org';
import { plan } from './commands/plan';
import { review } from './commands/review';
import { keys, rotate } from './commands/rotate';
import { scan } from './commands/scan';
import { status } from './commands/status';
import { verify } from './commands/verify';
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exit-codes';
import { failureOf } from './failure';
import type { Terminal } from './terminal';

const COMMANDS = [
  org,
  order,
  approver,
  activate,
  credential,
  connection,
  verify,
  dryRun,
  plan,
  review,
  approve,
  live,
  handoff,
  cancel,
  offboard,
  rotate,
  keys,
  status,
  drift,
  audit,
  notify,
  maintenance,
  incident,
  ledger,
  evidence,
  encrypt,
  decrypt,
  scan,
];

/** Runs one command line. @param argv without the interpreter and the script. @returns the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const fault = argumentFault(argv);
  if (fault !== null) {
    const { json, text, exitCode } = failureOf(fault);
    if (argv.includes('--json')) terminal.out(`${JSON.stringify({ error: json }, null, 2)}\n`);
    else terminal.err(text);
    return exitCode;
  }
  const ending: Ending = { exitCode: EXIT.ok };
  const program = new Command('smsk')
    .description('Customer-held root keys: from signed order to handoff, and what a customer can check.')
    .option('--url <url>', 'the API (or SMSK_URL)')
    .option('--token-file <file>', 'file with your API token (or SMSK_TOKEN_FILE)')
    .option('--json', 'answer in JSON, for machines')
    .addHelpText('after', exitCodesText())
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true });
  const act = createAct(terminal, ending);
  for (const add of COMMANDS) add(program, act);
  settle(program, terminal);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return ending.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** Commands inherit neither of these from the program they were added to. */
function settle(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  for (const child of command.commands) settle(child as Command, terminal);
}

function exitCodesText(): string {
  const lines = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `\nExit codes:\n${lines.join('\n')}\n`;
}
