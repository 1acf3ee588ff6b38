import type { DeploymentId, OrganizationId } from '../../domain/ids';
import { HEADS_AT_ONCE } from '../../domain/ports/signer';
import { nodeSuite } from '../../ledger/node/suite';
import { SignerUnavailable } from '../../ledger/signer-errors';
import { remoteSigner } from '../../ledger/signer-wire';
import { originOf } from '../../ledger/verify/checkpoint';
import type { Head } from '../../ledger/verify/consistency';
import { toBase64 } from '../../ledger/verify/encoding';
import { leafHash } from '../../ledger/verify/tree';
import type { OrganizationRecord } from '../../store/contract';
import { createLedgerDoor } from '../../store/ledger-door';

const DEPLOYMENT = 'novantra-test' as DeploymentId;
const quiet = { warn: () => undefined, error: () => undefined };
const idOf = (i: number) => `5a0b1a52-9c6b-4ad1-9d3c-${String(i).padStart(12, '0')}` as OrganizationId;
/** Heads differ by size and by what was written last. */
const head = (size: number, last = 'a'): Head => ({
  size,
  root: leafHash(nodeSuite, Buffer.from(`${size}${last}`)),
});

/** Two pages and a half, in the database and at the signer, which is asked as over its socket. */
function world() {
  const ids = Array.from({ length: 2.5 * HEADS_AT_ONCE }, (_, i) => idOf(i));
  const database = new Map(ids.map((id) => [id, head(4)]));
  const signed = new Map<OrganizationId, Head | null>(ids.map((id) => [id, head(4)]));
  const asked: string[] = [];
  /** Whose row is gone. */
  const gone = new Set<OrganizationId>();
  const headJson = (id: OrganizationId) => {
    const last = signed.get(id) ?? null;
    return last && { size: last.size, root: toBase64(last.root) };
  };
  const onOrigin = (origin: string) => origin.slice(origin.lastIndexOf('/') + 1) as OrganizationId;
  /** What the wire brings back, to be spoilt. */
  const wire = {
    page: (origins: readonly string[]): unknown => ({
      heads: origins.map((origin) => ({ origin, head: headJson(onOrigin(origin)) })),
    }),
  };
  const signer = remoteSigner(async (method, body) => {
    asked.push(method);
    if (method === 'lastHeads') return wire.page((body as { origins: string[] }).origins);
    return { head: headJson(onOrigin((body as { origin: string }).origin)) };
  });
  const store = {
    organizations: async () =>
      ids
        .filter((id) => !gone.has(id))
        .map((id) => ({ id, name: id.slice(-6) }) as unknown as OrganizationRecord),
    ledgerHeads: jest.fn(async (page: readonly OrganizationId[]) => {
      asked.push('database');
      return new Map(page.flatMap((id) => (database.has(id) ? [[id, database.get(id) ?? head(0)]] : [])));
    }),
    ledgerHead: async (id: OrganizationId) => database.get(id) ?? head(0),
    proofSince: jest.fn(async (): Promise<readonly Uint8Array[]> => []),
  };
  const door = createLedgerDoor({ store, signer, deployment: DEPLOYMENT }, quiet);
  const closed = () => Object.fromEntries([...door.closed].map(([id, behind]) => [id, behind.relation]));
  return { database, signed, asked, gone, wire, store, door, closed };
}

test('a page is one question to the signer, and then one to the database', async () => {
  const { asked, store, door } = world();
  await door.look();
  expect(asked).toEqual(['lastHeads', 'database', 'lastHeads', 'database', 'lastHeads', 'database']);
  expect(store.ledgerHeads.mock.calls.map(([page]) => page.length)).toEqual([1000, 1000, 500]);
  expect(store.proofSince).not.toHaveBeenCalled();
  expect(door.closed.size).toBe(0);
});

test('what is behind, forked or gone is found on whatever page; what was never signed is open', async () => {
  const { database, signed, asked, gone, store, door, closed } = world();
  database.set(idOf(3), head(3));
  database.set(idOf(1_200), head(4, 'b'));
  database.delete(idOf(2_499));
  signed.set(idOf(7), null);
  database.set(idOf(8), head(9, 'what no proof connects'));
  await door.look();
  expect(closed()).toEqual({
    [idOf(3)]: 'behind',
    [idOf(8)]: 'forked',
    [idOf(1_200)]: 'forked',
    [idOf(2_499)]: 'behind',
  });
  expect(store.proofSince.mock.calls).toEqual([[idOf(8), 4, 9]]);
  asked.length = 0;
  database.set(idOf(3), head(4));
  gone.add(idOf(8));
  database.delete(idOf(8));
  await door.look();
  expect(closed()).toEqual({ [idOf(8)]: 'behind', [idOf(1_200)]: 'forked', [idOf(2_499)]: 'behind' });
  expect(asked).not.toContain('lastHead');
});

const spoilt: Record<string, (good: { heads: { origin: string; head: unknown }[] }) => unknown> = {
  'one left out': ({ heads }) => ({ heads: heads.slice(1) }),
  'none at all': () => ({ heads: [] }),
  'one twice': ({ heads }) => ({ heads: [...heads.slice(1), heads[1]] }),
  'another in its place': ({ heads }) => ({
    heads: [{ origin: originOf(DEPLOYMENT, idOf(9_999)), head: null }, ...heads.slice(1)],
  }),
  'a head that is none': ({ heads }) => ({ heads: [{ ...heads[0], head: { size: 4 } }, ...heads.slice(1)] }),
  'a size that is none': ({ heads }) => ({
    heads: [{ ...heads[0], head: { size: -1, root: toBase64(head(4).root) } }, ...heads.slice(1)],
  }),
  'no JSON': () => undefined,
};

test.each(Object.entries(spoilt))(
  'a page with %s is no answer: closed stays closed, what came before it is known',
  async (_, spoil) => {
    const { database, wire, door, closed } = world();
    database.set(idOf(1_500), head(3));
    database.set(idOf(2_400), head(3));
    await door.look();
    database.set(idOf(2), head(3));
    for (const i of [1_500, 2_400]) database.set(idOf(i), head(4));
    const { page } = wire;
    wire.page = (origins) =>
      origins.includes(originOf(DEPLOYMENT, idOf(1_500))) ? spoil(page(origins) as never) : page(origins);
    await expect(door.look()).rejects.toBeInstanceOf(SignerUnavailable);
    expect(closed()).toEqual({ [idOf(2)]: 'behind', [idOf(1_500)]: 'behind', [idOf(2_400)]: 'behind' });
    wire.page = page;
    await door.look();
    expect(closed()).toEqual({ [idOf(2)]: 'behind' });
  },
);

test.each([
  ['for the first time', 4],
  ['again', 3],
])('what is closed %s after its page was read isn’t opened by that page', async (_, atFirst) => {
  const { database, store, door, closed } = world();
  database.set(idOf(5), head(atFirst));
  await door.look();
  database.set(idOf(5), head(4));
  const read = store.ledgerHeads.getMockImplementation();
  store.ledgerHeads.mockImplementationOnce(async (page) => {
    const heads = (await read?.(page)) ?? new Map<OrganizationId, Head>();
    database.set(idOf(5), head(3));
    await expect(door.demandCurrent(idOf(5))).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
    return heads;
  });
  await door.look();
  expect(closed()).toEqual({ [idOf(5)]: 'behind' });
});
