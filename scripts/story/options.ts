import { parseArgs } from 'node:util';

export const USAGE = `scripts/up [--once] [--fresh] [--json FILE] [--evidence DIR] [--state-dir DIR]

Starts PostgreSQL, Temporal with its Web UI, emulated AWS, Azure and commerce, the signer, both workers and the API;
then tells the story of two organizations from the signed order to the off-switch, acme with a key in AWS KMS and
globex with one in Azure Key Vault, and keeps running. Run again, it continues where the stories stood.

  --once          in a throw-away folder; stops when both are told, exit 0 only if every step held
  --fresh         forgets everything of earlier runs first
  --json FILE     writes {"ok", "steps": [{"org", "step", "ok", "ms", "entry"}]}
  --evidence DIR  writes one evidence bundle per organization, and trust.txt to hold them against
  --state-dir DIR keeps everything there instead of in .smsk/state`;

export interface StoryOptions {
  readonly once: boolean;
  readonly fresh: boolean;
  readonly json: string | null;
  readonly evidence: string | null;
  readonly stateDir: string | null;
}

/** @returns `null` when help was asked for. @throws TypeError for anything else than the usage says. */
export function storyOptions(args: readonly string[]): StoryOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      json: { type: 'string' },
      evidence: { type: 'string' },
      'state-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { once, fresh, json = null, evidence = null, 'state-dir': stateDir = null } = values;
  return { once, fresh, json, evidence, stateDir };
}
