import { randomBytes } from 'node:crypto';
import { ContentOperation } from '../../cipher/operation';
import { XaesKey } from '../../cipher/xaes';
import { Refusal } from '../../domain/failure';
import type { KeyVersion, OrganizationId } from '../../domain/ids';
import { settled } from '../fakes/cipher/manual-clock';
import { CipherWorld, codeOf, Gate } from '../fakes/cipher/world';

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

async function scene() {
  const world = new CipherWorld();
  const { id } = await world.organization();
  const cipher = world.cipher();
  const ciphertext = await cipher.encrypt(id, Buffer.from('content'), {});
  return { world, id, cipher, ciphertext };
}

/** Every key that was made was destroyed. */
let destroyed: jest.SpyInstance;
beforeEach(() => {
  destroyed = jest.spyOn(XaesKey.prototype, 'destroy');
});
afterEach(() => jest.restoreAllMocks());

describe('the cipher zeroes the buffers a provider hands it', () => {
  it('after success', async () => {
    const { world, id, cipher, ciphertext } = await scene();
    await Promise.all([cipher.encrypt(id, Buffer.from('x'), {}), cipher.decrypt(id, ciphertext, {})]);
    expect(world.keys.handedOut.length).toBeGreaterThan(1);
    expect(world.keys.handedOut.every(isZero)).toBe(true);
    expect(destroyed).toHaveBeenCalledTimes(world.keys.handedOut.length);
  });

  it('before content is worked on', async () => {
    const { world, id, cipher } = await scene();
    const seal = jest.spyOn(XaesKey.prototype, 'sealInto');
    await cipher.encrypt(id, Buffer.from('x'), {});
    expect(seal).toHaveBeenCalled();
    expect(world.keys.handedOut.every(isZero)).toBe(true);
  });

  it.each([
    ['another key', () => Promise.resolve(randomBytes(32))],
    ['a key of another length', () => Promise.resolve(randomBytes(33))],
  ])('after %s', async (_, answer) => {
    const { world, id, cipher } = await scene();
    world.keys.answer = answer;
    await codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
    expect(world.keys.handedOut).toHaveLength(2);
    expect(world.keys.handedOut.every(isZero)).toBe(true);
  });

  it('after content that was rejected', async () => {
    const { world, id, cipher, ciphertext } = await scene();
    expect(await codeOf(cipher.decrypt(id, ciphertext, { other: 'context' }))).toBe('CIPHERTEXT_REJECTED');
    expect(world.keys.handedOut.every(isZero)).toBe(true);
    expect(destroyed).toHaveBeenCalledTimes(2);
  });

  it('after a usage record that could not be written', async () => {
    const { world, id, cipher } = await scene();
    world.recorder = { ...world.recorder, usage: () => Promise.reject(new Error('no database')) };
    await codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
    expect(world.keys.handedOut.every(isZero)).toBe(true);
    expect(destroyed).toHaveBeenCalledTimes(2);
  });

  it('while the usage record is still being written: no key is held for it', async () => {
    const { world, id, cipher } = await scene();
    const gate = new Gate();
    world.recorder = { ...world.recorder, usage: () => gate.promise };
    const answer = cipher.encrypt(id, Buffer.from('x'), {});
    await settled();
    expect(world.keys.handedOut).toHaveLength(2);
    expect(destroyed).toHaveBeenCalledTimes(2);
    gate.open();
    await answer;
  });

  it('when they come after everybody has given up', async () => {
    const { world, id, cipher } = await scene();
    const gate = new Gate();
    world.keys.answer = async (call) => {
      await gate.promise;
      return world.unwrapped(call);
    };
    const answer = codeOf(cipher.encrypt(id, Buffer.from('x'), {}, { deadlineMs: 100 }));
    await settled();
    world.clock.pass(100);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
    gate.open();
    await settled();
    expect(world.keys.handedOut).toHaveLength(2);
    expect(world.keys.handedOut.every(isZero)).toBe(true);
    expect(destroyed).toHaveBeenCalledTimes(2);
  });

  it('when they come after the call’s own deadline, from a provider that heeds no signal', async () => {
    const { world, id, cipher } = await scene();
    const gate = new Gate();
    world.keys.answer = async (call) => {
      await gate.promise;
      return world.unwrapped(call);
    };
    const answer = codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
    await settled();
    world.clock.pass(5_000);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
    gate.open();
    await settled();
    expect(world.keys.handedOut).toHaveLength(2);
    expect(world.keys.handedOut.every(isZero)).toBe(true);
  });
});

describe('plaintext that nobody gets is zeroed', () => {
  const plaintexts = () => {
    const made = [Buffer.from('first'), Buffer.from('second')];
    const operation = new ContentOperation(
      'o' as OrganizationId,
      'decrypt-batch',
      made.map((bytes) => ({ asked: 1 as KeyVersion, bytes: bytes.length, run: () => bytes })),
      1_000,
      () => undefined,
    );
    return { made, operation, answer: codeOf(operation.answer) };
  };
  const key = () => new XaesKey(randomBytes(32));

  it('when a later item is rejected or the call cannot be recorded', async () => {
    const { made, operation, answer } = plaintexts();
    for (const _ of operation.work(1 as KeyVersion, key(), 1 as KeyVersion));
    operation.fail(new Refusal('INTERNAL'));
    expect(await answer).toBe('INTERNAL');
    expect(made.every(isZero)).toBe(true);
  });

  it('when its deadline passes between two slices', async () => {
    const { made, operation, answer } = plaintexts();
    const work = operation.work(1 as KeyVersion, key(), 1 as KeyVersion);
    work.next();
    operation.expire();
    expect(work.next().done).toBe(true);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
    expect(isZero(made[0] ?? Buffer.from('x'))).toBe(true);
    expect(made[1]?.toString()).toBe('second');
  });

  it('when it would be released after the deadline, though no timer has told so yet', async () => {
    const { made, operation, answer } = plaintexts();
    for (const _ of operation.work(1 as KeyVersion, key(), 1 as KeyVersion));
    operation.release(null, 1_000);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
    expect(made.every(isZero)).toBe(true);
  });
});
