import type { BundleVerdict } from '../../ledger/verify';
import type { Outcome } from '../command';
import { EXIT } from '../exit-codes';
import { fields, table } from '../words/table';

const ENDING = {
  verified: EXIT.ok,
  'self-attested': EXIT.selfAttested,
  failed: EXIT.failed,
} as const;

const SAID = {
  verified: 'VERIFIED: this is the history that was signed, by keys you trust',
  'self-attested':
    'SELF-ATTESTED: consistent, but by keys that came with the bundle; give --trust with keys you got another way',
  failed: 'FAILED',
} as const;

/** The verdict for people and machines, and the exit code that says it. */
export function verdictOutcome(directory: string, verdict: BundleVerdict): Outcome {
  const { checkpoint, witnesses, entries, usage, findings } = verdict;
  const rows = findings.map(({ severity, code, file, line, text }) => [
    severity === 'error' ? 'WRONG' : 'note',
    line === null ? file : `${file}:${line}`,
    `${code}: ${text}`,
  ]);
  const head = checkpoint && {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: Buffer.from(checkpoint.root).toString('base64'),
    mode: checkpoint.mode,
  };
  const text = [
    `${SAID[verdict.verdict]}\n`,
    fields([
      ['bundle', directory],
      ['ledger', head?.origin],
      ['mode', head?.mode],
      ['entries', entries],
      ['root', head?.root],
      ['usage rows', usage && `${usage.rows}, of ${usage.from} to ${usage.to}`],
      ['witnesses', witnesses.length === 0 ? null : witnesses.map(({ name }) => name).join(', ')],
    ]),
    rows.length === 0 ? '' : `\n${table(rows, '  ')}\n`,
  ].join('');
  return {
    json: { verdict: verdict.verdict, checkpoint: head, witnesses, entries, usage, findings },
    text,
    exitCode: ENDING[verdict.verdict],
  };
}
