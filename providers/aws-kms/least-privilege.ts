/** Thrown instead of sending: a mistake of ours, never the provider's. */
export class CommandNotAllowed extends Error {
  override readonly name = 'CommandNotAllowed';
  constructor() {
    super('this client may not send that command');
  }
}

/** Where the middleware stands: before the request is built. */
export const FIRST = { step: 'initialize', priority: 'high', name: 'allowOnly' } as const;

/**
 * Invariant 11: whatever an identity may do, the client that holds it sends nothing but `commands` (names as in
 * the API, e.g. `Encrypt`). A middleware, to be added at {@link FIRST}.
 */
export function allowOnly(commands: readonly string[]) {
  const allowed = new Set(commands.map((command) => `${command}Command`));
  return <Args, Output>(next: (args: Args) => Promise<Output>, context: { commandName?: string }) =>
    async (args: Args): Promise<Output> => {
      if (!allowed.has(context.commandName ?? '')) throw new CommandNotAllowed();
      return next(args);
    };
}

/** Beside {@link FIRST}. */
export const KEY_FIRST = { ...FIRST, name: 'allowOnlyKey' } as const;

/** Of a session that no policy of ours narrows: it names that key (or alias) in each command, and no other. */
export function allowOnlyKey(arn: string) {
  return <Args extends { readonly input: object }, Output>(next: (args: Args) => Promise<Output>) =>
    async (args: Args): Promise<Output> => {
      if (!('KeyId' in args.input) || args.input.KeyId !== arn) throw new CommandNotAllowed();
      return next(args);
    };
}
