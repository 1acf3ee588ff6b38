import { randomBytes } from 'node:crypto';
import { WorkspaceUnavailable } from '../../cipher';
import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { DatabaseUnavailable, ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { settled } from '../fakes/cipher/manual-clock';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

const CODES = Object.keys(PROVIDER_CODES) as ProviderCode[];

async function withCiphertext() {
  const world = new CipherWorld();
  const { id } = await world.organization({ sealed: true });
  const cipher = world.cipher();
  const ciphertext = await cipher.encrypt(id, Buffer.from('content'), {});
  world.operations.length = 0;
  world.usage.length = 0;
  return { world, id, cipher, ciphertext };
}

describe('invariant 1: the cipher fails closed', () => {
  it.each(CODES)(
    '%s: nothing is read or written, with the code, its remedy and the request id',
    async (code) => {
      const { world, id, cipher, ciphertext } = await withCiphertext();
      const platform = jest.spyOn(world.keys.platform, 'unwrap');
      world.keys.answer = () => Promise.reject(new ProviderFailure(code, 'req-1' as RequestId));
      for (const answer of [
        cipher.encrypt(id, Buffer.from('x'), {}),
        cipher.decrypt(id, ciphertext, {}),
        cipher.encryptBatch(id, [{ plaintext: Buffer.from('x'), context: {} }]),
        cipher.decryptBatch(id, [{ ciphertext, context: {} }]),
      ]) {
        const error: unknown = await answer.then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(WorkspaceUnavailable);
        expect(error).toMatchObject({
          code: 'WORKSPACE_UNAVAILABLE',
          providerCode: code,
          requestId: 'req-1',
          remedy: PROVIDER_CODES[code].remedy,
        });
      }
      // One group of four versions-by-version calls, told once, retried never, and nobody else was asked.
      expect(world.refused).toEqual([{ organization: id, code, requestId: 'req-1' }]);
      expect(world.keys.calls.filter((call) => call.context.keyVersion === 1)).toHaveLength(2);
      expect(platform).not.toHaveBeenCalled();
      expect(world.operations.map((event) => event.providerCode)).toEqual([code, code, code, code]);
    },
  );

  it('gives each waiter an error of its own', async () => {
    const { world, id, cipher } = await withCiphertext();
    world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED'));
    const [a, b] = await Promise.allSettled([
      cipher.encrypt(id, Buffer.from('a'), {}),
      cipher.encrypt(id, Buffer.from('b'), {}),
    ]);
    expect(a?.status).toBe('rejected');
    expect(a?.status === 'rejected' && b?.status === 'rejected' && a.reason !== b.reason).toBe(true);
  });

  it.each([
    ['another key', () => Promise.resolve(randomBytes(32))],
    ['a shorter key', () => Promise.resolve(randomBytes(16))],
    ['nothing', () => Promise.resolve(new Uint8Array())],
  ])('refuses %s from the provider', async (_, answer) => {
    const { world, id, cipher } = await withCiphertext();
    world.keys.answer = answer;
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('CHECK_VALUE_MISMATCH');
  });

  it('releases nothing whose call could not be recorded', async () => {
    const { world, id, cipher, ciphertext } = await withCiphertext();
    world.recorder = { ...world.recorder, usage: () => Promise.reject(new Error('no database')) };
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('INTERNAL');
    expect(await codeOf(cipher.decrypt(id, ciphertext, {}))).toBe('INTERNAL');
    expect(world.troubles.map((trouble) => trouble.what)).toEqual(['usage', 'usage']);
  });

  it('releases nothing before the record is written', async () => {
    const { world, id, cipher, ciphertext } = await withCiphertext();
    let write = (): void => undefined;
    world.recorder = {
      ...world.recorder,
      usage: () =>
        new Promise<void>((resolve) => {
          write = resolve;
        }),
    };
    let isReleased = false;
    const answer = cipher.decrypt(id, ciphertext, {}).finally(() => {
      isReleased = true;
    });
    await settled();
    expect(world.keys.calls).toHaveLength(2);
    expect(isReleased).toBe(false);
    write();
    expect((await answer).toString()).toBe('content');
  });

  it('records a refused call too, as one that served nobody', async () => {
    const { world, id, cipher } = await withCiphertext();
    world.keys.answer = () => Promise.reject(new ProviderFailure('UNWRAP_DENIED', 'req-2' as RequestId));
    await codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
    await cipher.settled();
    expect(world.usage).toEqual([
      expect.objectContaining({ requestId: 'req-2', operations: 0, purpose: 'encrypt' }),
    ]);
  });

  it('asks nobody when custody cannot be read', async () => {
    const { world, id, cipher } = await withCiphertext();
    world.reader = { snapshot: () => Promise.reject(new Error('no database')) };
    const before = world.keys.calls.length;
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('INTERNAL');
    expect(world.keys.calls).toHaveLength(before);
    // Trouble of ours opens no incident about the customer's provider.
    expect(world.refused).toEqual([]);
  });

  it.each(['custody', 'usage', 'a reference'] as const)(
    'a database that is away where %s is due says so, and is no refusal of the provider’s',
    async (what) => {
      const { world, id, cipher, ciphertext } = await withCiphertext();
      const away = () => Promise.reject(new DatabaseUnavailable('57P01'));
      if (what === 'custody') world.reader = { snapshot: away };
      if (what === 'usage') world.recorder = { ...world.recorder, usage: away };
      // An approved reference's entry is read on the way to the provider.
      if (what === 'a reference') world.keys.answer = away;
      expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('DATABASE_UNAVAILABLE');
      expect(await codeOf(cipher.decrypt(id, ciphertext, {}))).toBe('DATABASE_UNAVAILABLE');
      expect(world.refused).toEqual([]);
      expect(world.operations.map(({ code }) => code)).toEqual(Array(2).fill('DATABASE_UNAVAILABLE'));
      expect(world.troubles[0]).toMatchObject({ detail: '57P01' });
    },
  );

  it('a database that hangs is what an operation’s deadline names, and not the provider', async () => {
    const { world, id, cipher, ciphertext } = await withCiphertext();
    world.reader = { snapshot: () => new Promise(() => undefined) };
    const answers = [
      codeOf(cipher.encrypt(id, Buffer.from('x'), {})),
      codeOf(cipher.decrypt(id, ciphertext, {})),
    ];
    await settled();
    world.clock.pass(5_000);
    expect(await Promise.all(answers)).toEqual(['DATABASE_UNAVAILABLE', 'DATABASE_UNAVAILABLE']);
    await settled();
    expect(world.refused).toEqual([]);
    expect(world.troubles).toMatchObject([{ what: 'custody-read' }]);
  });

  it('asks nobody while the signer’s floor is unknown, and asks for it again next time', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    let isDown = true;
    const cipher = world.cipher({
      epochFloor: () => (isDown ? Promise.reject(new Error('signer down')) : Promise.resolve(0 as never)),
    });
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('INTERNAL');
    expect(world.keys.calls).toEqual([]);
    isDown = false;
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('OK');
  });

  it('unwraps at the platform only under platform custody that was never sealed', async () => {
    const world = new CipherWorld();
    const open = await world.organization({ custody: 'platform' });
    const sealed = await world.organization({ custody: 'platform', sealed: true });
    const cipher = world.cipher();
    expect(await codeOf(cipher.encrypt(open.id, Buffer.from('x'), {}))).toBe('OK');
    expect(world.keys.calls.map((call) => call.connection)).toEqual([null]);
    expect(await codeOf(cipher.encrypt(sealed.id, Buffer.from('x'), {}))).toBe('STATEMENT_INVALID');
    expect(world.keys.calls).toHaveLength(1);
  });

  it('tells the recorder of the first success after a refusal, again if it was not heard', async () => {
    const { world, id, cipher } = await withCiphertext();
    const answer = world.keys.answer;
    world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED'));
    await codeOf(cipher.encrypt(id, Buffer.from('x'), {}));
    world.keys.answer = answer;
    let heard = 0;
    world.recorder = {
      ...world.recorder,
      answered: () => {
        heard++;
        return heard === 1 ? Promise.reject(new Error('no database')) : Promise.resolve();
      },
    };
    for (let i = 0; i < 4; i++) {
      await cipher.encrypt(id, Buffer.from('x'), {});
      await settled();
    }
    expect(heard).toBe(2);
  });

  it('tells of the first success of a process, too: an incident may be older than it', async () => {
    const { world, id } = await withCiphertext();
    const cipher = world.cipher();
    world.answered.length = 0;
    for (let i = 0; i < 3; i++) {
      await cipher.encrypt(id, Buffer.from('x'), {});
      await settled();
    }
    expect(world.answered).toEqual([id]);
  });

  it('does not wait for the recorder to hear of a refusal', async () => {
    const { world, id, cipher } = await withCiphertext();
    world.recorder = { ...world.recorder, refused: () => new Promise(() => undefined) };
    world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED'));
    expect(await codeOf(cipher.encrypt(id, Buffer.from('x'), {}))).toBe('KEY_DISABLED');
  });
});
