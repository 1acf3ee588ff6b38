import type { Story } from '../support/story';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * What a story has left behind: ledger, rows and key states, with ids, times and digests replaced by what they
 * stand for. Two runs that did the same have the same.
 */
export function endState({ world, id, name }: Story): unknown {
  const { custody, operations, envelopes, platformKey, handoff, approvals } = world.store.rows(id);
  const state = {
    ledger: world.store.rows(id).ledger.map(({ entry }) => JSON.parse(entry) as unknown),
    custody,
    operations: operations.map(({ claimant: _run, ...row }) => row),
    envelopes: envelopes.map(({ record: { version, custody: by, keyRef }, erased }) => ({
      version,
      by,
      keyRef,
      erased,
    })),
    platformKey,
    handoff,
    approvals: approvals.length,
    keys: [...world.platform.ring.keys.values(), ...world.customer.ring.keys.values()].map(
      (key) => key.state,
    ),
  };
  return named(state, name);
}

function named(state: unknown, name: string): unknown {
  const ids = new Map<string, string>();
  const idOf = (uuid: string): string => {
    const known = ids.get(uuid) ?? `id-${ids.size}`;
    ids.set(uuid, known);
    return known;
  };
  const text = JSON.stringify(state, (key, value: unknown) => {
    return key === 'statement' || key === 'nonce' ? 'its own' : value;
  });
  return JSON.parse(
    text
      .replaceAll(name, 'acme')
      .replace(UUID, idOf)
      .replace(/\b[0-9a-f]{64}\b/g, 'digest')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time'),
  );
}
