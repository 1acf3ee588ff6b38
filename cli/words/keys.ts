import type { KeysView } from '../../api/client';
import { isCode } from '../../domain/codes';
import { rotationText } from './rotation';
import { codeText } from './status';
import { fields } from './table';

type KeyRefView = KeysView['keyRefs'][number];

/** Each version of the customer's key, and whether it's safe to disable. */
export function keysText({ rotation, due, keyRefs }: KeysView): string {
  const rows: [string, string | null][] = [
    ['rotation', rotation && rotationText(rotation)],
    ['due', due && `${due}: starts by itself`],
  ];
  const lines = keyRefs.flatMap((each) => [
    `  ${each.keyRef}`,
    ...safetyOf(each).map((line) => `    ${line}`),
  ]);
  return `${fields(rows)}${lines.map((line) => `${line}\n`).join('')}`;
}

/** Why it ended otherwise than by a switch; `null` where it didn't. */
export function rotationEnd({ rotation }: KeysView): string | null {
  const reason = rotation?.reason ?? null;
  return reason !== null && isCode(reason) ? codeText(reason) : null;
}

function safetyOf({ live, safeToDisable }: KeyRefView): string[] {
  if (safeToDisable === null) {
    const versions = live.length === 0 ? 'envelopes that are being erased' : `version ${live.join(', ')}`;
    return [`in use: opens the workspace key’s ${versions}; do not disable it`];
  }
  const { since, ledgerIndex, alsoForBackups } = safeToDisable;
  return [
    `safe to disable since ${since} (ledger ${ledgerIndex})`,
    `safe to delete from ${alsoForBackups}: until then a restored backup would need it`,
  ];
}
