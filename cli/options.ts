import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_WAIT_S } from './follow';

/** Options that several commands share, each with its one wording. */
export const forOrganization = (command: Command): Command =>
  command.requiredOption('--org <name>', 'the organization');

export const asAction = (command: Command, waitSeconds = DEFAULT_WAIT_S): Command =>
  forOrganization(command)
    .option('--wait <seconds>', 'how long to wait for what comes of it', seconds, String(waitSeconds))
    .addOption(repeatKey());

export const repeatKey = (): Option =>
  new Option('--idempotency-key <key>', 'repeat an action whose answer was lost, under the key it had');

export function seconds(text: string): string {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('must be a number of seconds.');
  return text;
}

/** Collects an option that may be given several times. */
export const collected =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] | undefined) => [...(before ?? []), parse(text)];

/** `key=value` */
export function contextEntry(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be KEY=VALUE.');
  return [text.slice(0, at), text.slice(at + 1)];
}
