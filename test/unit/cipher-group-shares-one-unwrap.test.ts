import { ProviderFailure } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import { settled } from '../fakes/cipher/manual-clock';
import { CipherWorld, codeOf, Gate } from '../fakes/cipher/world';

const CONTEXT = { table: 'documents' };
const text = (value: string) => Buffer.from(value);

/** A world whose provider answers when the test says so. Its signatures were verified before: no threads are involved. */
async function gated() {
  const world = new CipherWorld();
  const rows = await world.organization();
  const cipher = world.cipher();
  await cipher.encrypt(rows.id, text('warm'), CONTEXT);
  world.keys.calls.length = 0;
  world.usage.length = 0;
  const gates: Gate[] = [];
  world.keys.answer = async (call) => {
    const gate = new Gate();
    gates[call.number - 1] = gate;
    await gate.promise;
    return world.unwrapped(call);
  };
  return {
    world,
    rows,
    gates,
    cipher,
    encrypt: (n: number) => cipher.encrypt(rows.id, text(`${n}`), CONTEXT),
  };
}

describe('group unwrap', () => {
  it('encrypts and decrypts, with one call each', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const cipher = world.cipher();
    const ciphertext = await cipher.encrypt(id, text('hello'), CONTEXT);
    expect((await cipher.decrypt(id, ciphertext, CONTEXT)).toString()).toBe('hello');
    expect(world.keys.calls).toHaveLength(2);
    expect(world.clock.pending).toBe(0);
  });

  it('shares one call among operations that arrive in the same turn', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const cipher = world.cipher();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => cipher.encrypt(id, text(`${n}`), CONTEXT)),
    );
    expect(answers).toHaveLength(100);
    expect(world.keys.calls).toHaveLength(1);
    expect(world.reads).toBe(1);
    expect(world.usage).toEqual([
      expect.objectContaining({ operations: 100, purpose: 'encrypt', requestId: 'request-1' }),
    ]);
    expect(world.observations).toEqual([
      expect.objectContaining({ code: 'OK', groupSize: 100, operations: 100, provider: 'aws-kms' }),
    ]);
  });

  it('lets operations that arrive while a call is in flight wait for the next and share it', async () => {
    const { world, gates, encrypt } = await gated();
    const first = encrypt(1);
    await settled();
    const others = [encrypt(2), encrypt(3), encrypt(4)];
    await settled();
    expect(world.keys.calls).toHaveLength(1);
    gates[0]?.open();
    await first;
    await settled();
    expect(world.keys.calls).toHaveLength(2);
    gates[1]?.open();
    await Promise.all(others);
    expect(world.usage.map((record) => record.operations)).toEqual([1, 3]);
  });

  it('starts the next beside one older than 250 ms, two at most', async () => {
    const { world, gates, encrypt } = await gated();
    const answers = [encrypt(1)];
    await settled();
    answers.push(encrypt(2));
    await settled();
    world.clock.pass(249);
    await settled();
    expect(world.keys.calls).toHaveLength(1);
    world.clock.pass(1);
    await settled();
    expect(world.keys.calls).toHaveLength(2);
    answers.push(encrypt(3));
    world.clock.pass(1_000);
    await settled();
    expect(world.keys.calls).toHaveLength(2);
    gates[1]?.open();
    await settled();
    expect(world.keys.calls).toHaveLength(3);
    for (const gate of gates) gate.open();
    await Promise.all(answers);
    expect(world.keys.mostInFlight).toBe(2);
  });

  it('makes one call for each operation where the organization asked for it', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    world.coalesce = 'off';
    const cipher = world.cipher();
    await Promise.all(Array.from({ length: 100 }, (_, n) => cipher.encrypt(id, text(`${n}`), CONTEXT)));
    expect(world.keys.calls).toHaveLength(100);
    expect(world.reads).toBe(100);
    expect(world.usage.every((record) => record.operations === 1)).toBe(true);
    expect(world.keys.mostInFlight).toBeLessThanOrEqual(64);
  });

  it('takes up a changed setting while operations wait', async () => {
    const { world, gates, encrypt } = await gated();
    const first = encrypt(1);
    await settled();
    const others = [encrypt(2), encrypt(3), encrypt(4)];
    world.coalesce = 'off';
    gates[0]?.open();
    await first;
    await settled();
    expect(world.keys.calls).toHaveLength(4);
    for (const gate of gates) gate.open();
    await Promise.all(others);
  });

  it('makes one call for each key version that a group needs, and tells usage what it was for', async () => {
    const world = new CipherWorld();
    const rows = await world.organization({ versions: 1 });
    const cipher = world.cipher();
    const old = await cipher.encrypt(rows.id, text('old'), CONTEXT);
    const keys = [...rows.keys.values()];
    await world.organization({ organization: rows.id, versions: 3, keys, epoch: 3 });
    const recent = await cipher.encrypt(rows.id, text('recent'), CONTEXT);
    world.usage.length = 0;
    const before = world.keys.calls.length;
    const readsBefore = world.reads;
    const [a, b, c] = await Promise.all([
      cipher.decrypt(rows.id, old, CONTEXT),
      cipher.decrypt(rows.id, recent, CONTEXT),
      cipher.encrypt(rows.id, text('new'), CONTEXT),
    ]);
    expect(a?.toString()).toBe('old');
    expect(b?.toString()).toBe('recent');
    expect(c?.readUInt32BE(4)).toBe(3);
    expect(world.reads - readsBefore).toBe(1);
    const versions = world.keys.calls.slice(before).map((call) => call.context.keyVersion);
    expect(versions.toSorted()).toEqual([1, 3]);
    const usage = world.usage.map(({ purpose, operations }) => `${purpose} ${operations}`);
    expect(usage.toSorted()).toEqual(['decrypt 1', 'mixed 2']);
  });

  it('keeps organizations apart', async () => {
    const { world, rows, gates, encrypt, cipher } = await gated();
    const other = await world.organization();
    const first = encrypt(1);
    const second = cipher.encrypt(other.id, text('x'), CONTEXT);
    await settled();
    while (world.keys.calls.length < 2) await settled();
    expect(world.keys.calls.map((call) => call.context.organization)).toEqual([rows.id, other.id]);
    gates[1]?.open();
    await second;
    gates[0]?.open();
    await first;
  });

  it('uses no answer for operations of the next group, and tries again after a refusal', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const cipher = world.cipher();
    world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED'));
    expect(await codeOf(cipher.encrypt(id, text('a'), CONTEXT))).toBe('KEY_DISABLED');
    expect(await codeOf(cipher.encrypt(id, text('b'), CONTEXT))).toBe('KEY_DISABLED');
    world.keys.answer = (call) => world.unwrapped(call);
    expect(await codeOf(cipher.encrypt(id, text('c'), CONTEXT))).toBe('OK');
    expect(await codeOf(cipher.encrypt(id, text('d'), CONTEXT))).toBe('OK');
    expect(world.keys.calls).toHaveLength(4);
    expect(world.refused).toHaveLength(2);
    expect(world.answered).toEqual([id]);
  });

  it('answers an unknown organization with what the reader refused', async () => {
    const world = new CipherWorld();
    const unknown = '00000000-0000-4000-8000-000000000000' as OrganizationId;
    expect(await codeOf(world.cipher().encrypt(unknown, text('a'), CONTEXT))).toBe('ORGANIZATION_UNKNOWN');
    expect(world.refused).toEqual([]);
  });

  it('gives the event loop back within a large group, and the key does not outlive it', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const cipher = world.cipher();
    const before = world.clock.turns;
    await Promise.all(Array.from({ length: 256 }, () => cipher.encrypt(id, Buffer.alloc(4_096), CONTEXT)));
    expect(world.keys.calls).toHaveLength(1);
    expect(world.clock.turns - before).toBeGreaterThan(4);
  });
});
