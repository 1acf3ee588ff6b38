import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * State as one JSON file, replaced whole: written beside, then renamed. A killed process leaves the old or the
 * new snapshot, never half of one. There is no fsync: a machine that loses power may lose the last changes.
 */
export interface Snapshot<State> {
  load(): State | undefined;
  save(state: State): void;
}

export function snapshotIn<State>(dir: string | undefined): Snapshot<State> {
  if (dir === undefined) return { load: () => undefined, save: () => {} };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'state.json');
  return {
    load: () => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8'), revive) as State) : undefined),
    save: (state) => {
      const next = `${file}.next`;
      writeFileSync(next, JSON.stringify(state, flatten), { mode: 0o600 });
      renameSync(next, file);
    },
  };
}

const mapTag = '$map';

function flatten(_key: string, value: unknown): unknown {
  return value instanceof Map ? { [mapTag]: [...value] } : value;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(mapTag in value)) return value;
  return new Map(value[mapTag] as [unknown, unknown][]);
}
