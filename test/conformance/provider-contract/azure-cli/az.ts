import type { Cloud } from '../../azure-emulator/cloud';
import { AzRefusal, COMMANDS, type Session } from './commands';
import { parseOptions } from './options';
import { printed, queried } from './queries';
import type { Answer } from './shell';

/** A person's Azure CLI, over the emulated cloud: the customer's administrator sits before it. */
export interface AzureCli {
  readonly session: Session;
  readonly az: (args: readonly string[]) => Promise<Answer>;
  /** What it didn't understand: an unknown command, option, query or output. */
  readonly faults: readonly string[];
}

/** @param asksOnly leaves out whatever changes something: what the checks say before the set-up */
export function azureCli(cloud: Cloud, { asksOnly = false } = {}): AzureCli {
  const session: Session = { cloud, cli: '', tenantId: null };
  const faults: string[] = [];
  return {
    session,
    faults,
    az: async (args) => {
      try {
        return { status: 0, lines: await perform(session, args, asksOnly) };
      } catch (error) {
        if (!(error instanceof AzRefusal)) faults.push(`${args.join(' ')}: ${String(error)}`);
        return { status: 1, lines: [] };
      }
    },
  };
}

async function perform(
  session: Session,
  args: readonly string[],
  asksOnly: boolean,
): Promise<readonly string[]> {
  const words = args.findIndex((arg) => arg.startsWith('-'));
  const name = args.slice(0, words < 0 ? args.length : words).join(' ');
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`'${name}' is misspelled or not recognized`);
  const options = parseOptions(args.slice(words), command.options);
  const [output] = options['--output'] ?? [];
  if (command.changes && asksOnly) return [];
  const needsLogin = name !== 'cloud set' && name !== 'login';
  if (needsLogin && session.tenantId === null) throw new AzRefusal("Please run 'az login'");
  const answer: unknown = await command.run(session, options);
  return printed(output === 'none' ? null : queried(answer, options['--query']?.[0]), output);
}
