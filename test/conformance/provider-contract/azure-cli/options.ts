/** What an option takes: a value, one or more, `true` or `false`, or nothing. */
export type Takes = 'one' | 'many' | 'flag';
export type Options = Readonly<Record<string, readonly string[]>>;

/** Every command takes these. */
const GLOBAL: Readonly<Record<string, Takes>> = { '--output': 'one', '--query': 'one' };

/**
 * Arguments of a command as the Azure CLI reads them.
 * @throws Error for an option the command doesn't have, one without its value, or a value without an option
 */
export function parseOptions(args: readonly string[], own: Readonly<Record<string, Takes>>): Options {
  const known = { ...own, ...GLOBAL };
  const options: Record<string, string[]> = {};
  let open: string | undefined;
  for (const arg of args) {
    if (arg.startsWith('--')) {
      if (known[arg] === undefined || options[arg] !== undefined)
        throw new Error(`unrecognized argument: ${arg}`);
      options[arg] = [];
      open = arg;
      continue;
    }
    const values = open === undefined ? undefined : options[open];
    if (open === undefined || values === undefined) throw new Error(`unrecognized argument: ${arg}`);
    if (known[open] === 'flag' || (known[open] === 'one' && values.length > 0))
      throw new Error(`unrecognized argument: ${arg}`);
    values.push(arg);
  }
  for (const [option, values] of Object.entries(options)) {
    if (known[option] !== 'flag' && values.length === 0) throw new Error(`${option}: expected an argument`);
  }
  return options;
}

/** @throws Error where it wasn't given */
export function required(options: Options, name: string): string {
  const [value] = options[name] ?? [];
  if (value === undefined) throw new Error(`the following arguments are required: ${name}`);
  return value;
}
