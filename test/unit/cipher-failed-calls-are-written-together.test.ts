import { FailedCalls } from '../../cipher/failed-calls';
import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

const CONTEXT = { table: 'documents' };
const HELLO = Buffer.from('hello');
const refusedBy = (world: CipherWorld) => {
  let nth = 0;
  world.keys.answer = () => {
    nth += 1;
    return Promise.reject(new ProviderFailure('KEY_DISABLED', `request-${nth}` as RequestId));
  };
};

test('calls that failed, of whichever organization, are one write, a tenth of a second after the first', async () => {
  const world = new CipherWorld();
  const first = await world.organization();
  const second = await world.organization();
  refusedBy(world);
  const writes: string[][] = [];
  world.recorder = {
    ...world.recorder,
    usage: async (records) => void writes.push(records.map(({ requestId }) => String(requestId))),
  };
  const cipher = world.cipher();
  for (const { id } of [first, second])
    expect(await codeOf(cipher.encrypt(id, HELLO, CONTEXT))).toBe('KEY_DISABLED');
  world.clock.pass(99);
  expect(writes).toEqual([]);
  world.clock.pass(1);
  expect(writes).toEqual([['request-1', 'request-2']]);
  expect(await codeOf(cipher.encrypt(first.id, HELLO, CONTEXT))).toBe('KEY_DISABLED');
  world.clock.pass(100);
  expect(writes).toEqual([['request-1', 'request-2'], ['request-3']]);
});

test('a process that ends writes them first', async () => {
  const world = new CipherWorld();
  const { id } = await world.organization();
  refusedBy(world);
  const cipher = world.cipher();
  await codeOf(cipher.encrypt(id, HELLO, CONTEXT));
  await cipher.settled();
  expect(world.usage.map(({ requestId }) => requestId)).toEqual(['request-1']);
  world.clock.pass(1_000);
  expect(world.usage).toHaveLength(1);
});

test('where they can’t be written, each organization’s trouble is told once, and the next are written', async () => {
  const world = new CipherWorld();
  const [one, other] = await Promise.all([world.organization(), world.organization()]);
  const told: string[] = [];
  let isDown = true;
  const written: unknown[] = [];
  const calls = new FailedCalls(
    {
      usage: async (records) => {
        if (isDown) throw Object.assign(new Error('no database'), { code: '57P01' });
        written.push(...records);
      },
    },
    world.clock,
    { onTrouble: ({ organization, what, detail }) => void told.push(`${organization} ${what} ${detail}`) },
  );
  const call = ({ id }: typeof one, requestId: string) => ({
    ...{ organization: id, keyRef: 'key' as never, requestId: requestId as RequestId },
    ...{ purpose: 'encrypt' as const, operations: 0 },
  });
  calls.add([call(one, 'a'), call(one, 'b'), call(other, 'c')]);
  await calls.settled();
  expect(told).toEqual([`${one.id} usage 57P01`, `${other.id} usage 57P01`]);
  isDown = false;
  calls.add([call(one, 'd')]);
  await calls.settled();
  expect(written).toEqual([call(one, 'd')]);
});
