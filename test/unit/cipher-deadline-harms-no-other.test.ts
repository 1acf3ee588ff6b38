import { settled } from '../fakes/cipher/manual-clock';
import { CipherWorld, codeOf, Gate } from '../fakes/cipher/world';

const CONTENT = Buffer.from('content');

/** Calls of these numbers never answer; signatures were verified before. */
async function hanging(...numbers: number[]) {
  const world = new CipherWorld();
  const { id } = await world.organization();
  const cipher = world.cipher();
  await cipher.encrypt(id, CONTENT, {});
  world.keys.calls.length = 0;
  const aborted: number[] = [];
  world.keys.answer = (call) => {
    call.signal.addEventListener('abort', () => aborted.push(call.number));
    return numbers.includes(call.number) ? new Promise(() => undefined) : world.unwrapped(call);
  };
  return { world, id, cipher, aborted, encrypt: () => codeOf(cipher.encrypt(id, CONTENT, {})) };
}

describe('one deadline for each operation, from its arrival', () => {
  it('answers a hung call’s operations at their deadline and aborts the call', async () => {
    const { world, id, aborted, encrypt } = await hanging(1);
    const answer = encrypt();
    await settled();
    world.clock.pass(4_999);
    await settled();
    expect(world.operations).toHaveLength(1);
    expect(aborted).toEqual([]);
    world.clock.pass(1);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
    expect(aborted).toEqual([1]);
    await settled();
    expect(world.refused).toEqual([{ organization: id, code: 'DEADLINE_EXCEEDED', requestId: null }]);
    // Then its usage record.
    world.clock.pass(100);
    expect(world.clock.pending).toBe(0);
  });

  it('serves others beside a hung call, and after it', async () => {
    const { world, encrypt } = await hanging(1);
    const hung = encrypt();
    await settled();
    world.clock.pass(250);
    expect(await encrypt()).toBe('OK');
    world.clock.pass(4_700);
    expect(await encrypt()).toBe('OK');
    world.clock.pass(50);
    expect(await hung).toBe('DEADLINE_EXCEEDED');
    expect(await encrypt()).toBe('OK');
  });

  it('counts waiting: an operation that two hung calls hold up is answered at its own deadline', async () => {
    const { world, encrypt } = await hanging(1, 2);
    const first = encrypt();
    await settled();
    const second = encrypt();
    world.clock.pass(250);
    await settled();
    const third = encrypt();
    await settled();
    expect(world.keys.calls).toHaveLength(2);
    world.clock.pass(4_750);
    expect(await first).toBe('DEADLINE_EXCEEDED');
    // Arrived with the first, sent 250 ms later: its deadline is the first's all the same.
    expect(await second).toBe('DEADLINE_EXCEEDED');
    // The first call's end lets the third be sent.
    expect(await third).toBe('OK');
    world.clock.pass(250);
    await settled();
    // Then its usage record.
    world.clock.pass(100);
    expect(world.clock.pending).toBe(0);
  });

  it('answers one that was never sent', async () => {
    const { world, cipher, id, encrypt } = await hanging(1);
    const first = encrypt();
    await settled();
    const waiting = codeOf(cipher.encrypt(id, CONTENT, {}, { deadlineMs: 200 }));
    await settled();
    world.clock.pass(200);
    expect(await waiting).toBe('DEADLINE_EXCEEDED');
    world.clock.pass(4_800);
    expect(await first).toBe('DEADLINE_EXCEEDED');
    await settled();
    expect(world.keys.calls).toHaveLength(1);
  });

  it('a shorter deadline of one member harms neither the group nor the provider’s record', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const cipher = world.cipher();
    await cipher.encrypt(id, CONTENT, {});
    const gate = new Gate();
    world.keys.answer = async (call) => {
      await gate.promise;
      return world.unwrapped(call);
    };
    const short = codeOf(cipher.encrypt(id, CONTENT, {}, { deadlineMs: 50 }));
    const long = codeOf(cipher.encrypt(id, CONTENT, {}));
    await settled();
    world.clock.pass(50);
    expect(await short).toBe('DEADLINE_EXCEEDED');
    gate.open();
    expect(await long).toBe('OK');
    expect(world.refused).toEqual([]);
    expect(world.usage.at(-1)?.operations).toBe(1);
  });

  it('a longer deadline than the cipher’s changes nothing', async () => {
    const { world, cipher, id } = await hanging(1);
    const answer = codeOf(cipher.encrypt(id, CONTENT, {}, { deadlineMs: 60_000 }));
    await settled();
    world.clock.pass(5_000);
    expect(await answer).toBe('DEADLINE_EXCEEDED');
  });

  it('ends a hung read of custody, and says that it was no provider', async () => {
    const { world, encrypt } = await hanging();
    world.reader = { snapshot: () => new Promise(() => undefined) };
    const answer = encrypt();
    await settled();
    world.clock.pass(5_000);
    expect(await answer).toBe('DATABASE_UNAVAILABLE');
    await settled();
    expect(world.refused).toEqual([]);
    expect(world.troubles.map((trouble) => trouble.what)).toEqual(['custody-read']);
    expect(world.clock.pending).toBe(0);
  });

  it('blames the key that hangs, also where another version of it was answered and recorded', async () => {
    const world = new CipherWorld();
    const { id, keys } = await world.organization();
    const cipher = world.cipher();
    const older = await cipher.encrypt(id, CONTENT, {});
    await world.organization({ organization: id, versions: 2, epoch: 3, keys: [...keys.values()] });
    const newer = await cipher.encrypt(id, CONTENT, {});
    world.keys.answer = (call) =>
      call.context.keyVersion === 1 ? world.unwrapped(call) : new Promise(() => undefined);
    const items = [older, newer].map((ciphertext) => ({ ciphertext, context: {} }));
    const { usage } = world.recorder;
    const answer = await new Promise<{ readonly code: Promise<string> }>((resolve) => {
      world.recorder = {
        ...world.recorder,
        usage: async (records) => {
          await usage(records);
          resolve({ code });
        },
      };
      const code = codeOf(cipher.decryptBatch(id, items, { deadlineMs: 50 }));
    });
    await settled();
    expect(world.usage.at(-1)).toMatchObject({ purpose: 'decrypt', operations: 1 });
    world.clock.pass(50);
    expect(await answer.code).toBe('DEADLINE_EXCEEDED');
  });

  it('answers at the deadline while the usage record hangs', async () => {
    const { world, encrypt } = await hanging();
    world.recorder = { ...world.recorder, usage: () => new Promise(() => undefined) };
    const answer = encrypt();
    await settled();
    world.clock.pass(5_000);
    expect(await answer).toBe('DATABASE_UNAVAILABLE');
  });

  it('gives nothing after the deadline when the process was too busy for its timers', async () => {
    const { world, encrypt } = await hanging();
    let isLate = false;
    const now = world.clock.now.bind(world.clock);
    world.clock.now = () => now() + (isLate ? 5_000 : 0);
    world.keys.answer = (call) => {
      isLate = true;
      return world.unwrapped(call);
    };
    expect(await encrypt()).toBe('DEADLINE_EXCEEDED');
  });

  it('sends no call for a group whose members all gave up during the read', async () => {
    const { world, cipher, id } = await hanging();
    const gate = new Gate();
    const { reader } = world;
    world.reader = {
      snapshot: async (organization, versions) => {
        await gate.promise;
        return reader.snapshot(organization, versions);
      },
    };
    const answer = codeOf(cipher.encrypt(id, CONTENT, {}, { deadlineMs: 10 }));
    await settled();
    world.clock.pass(10);
    expect(await answer).toBe('DATABASE_UNAVAILABLE');
    gate.open();
    await settled();
    expect(world.keys.calls).toEqual([]);
  });
});
