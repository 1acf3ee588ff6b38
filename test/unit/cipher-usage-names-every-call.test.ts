import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import type { OnRepeated } from '../../domain/ports/provider';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

const CONTEXT = { table: 'documents' };

/** A key service that answers twice: the first answer only said that its credentials had expired. */
function repeating(world: CipherWorld) {
  const told = async <T>(onRepeated: OnRepeated | undefined, answer: Promise<T>): Promise<T> => {
    onRepeated?.('request-repeated' as RequestId);
    return answer;
  };
  const { provider, platform } = world.keys;
  return world.cipher({
    provider: {
      unwrap: (connection, wrapped, keyRef, context, signal, onRepeated) =>
        told(onRepeated, provider.unwrap(connection, wrapped, keyRef, context, signal)),
    },
    platform: {
      unwrap: (keyRef, wrapped, context, signal, onRepeated) =>
        told(onRepeated, platform.unwrap(keyRef, wrapped, context, signal)),
    },
  });
}

const rowsOf = ({ usage }: CipherWorld) =>
  usage.map(({ requestId, operations }) => `${requestId} ${operations}`);

describe('usage', () => {
  it.each(['customer', 'platform'] as const)(
    'has a row for each call the provider answered, under %s custody',
    async (custody) => {
      const world = new CipherWorld();
      const { id } = await world.organization({ custody });
      await repeating(world).encrypt(id, Buffer.from('hello'), CONTEXT);
      expect(rowsOf(world)).toEqual(['request-repeated 0', 'request-1 1']);
    },
  );

  it('also where the repeated call is refused in the end', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    world.keys.answer = () =>
      Promise.reject(new ProviderFailure('KEY_DISABLED', 'request-refused' as RequestId));
    const cipher = repeating(world);
    expect(await codeOf(cipher.encrypt(id, Buffer.from('hello'), CONTEXT))).toBe('KEY_DISABLED');
    await cipher.settled();
    expect(rowsOf(world)).toEqual(['request-repeated 0', 'request-refused 0']);
  });

  it('without which nothing is released, be it only the repeated call’s row', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const { usage } = world.recorder;
    world.recorder = {
      ...world.recorder,
      usage: (records) =>
        records.some(({ requestId }) => requestId === 'request-repeated')
          ? Promise.reject(new Error('no database'))
          : usage(records),
    };
    expect(await codeOf(repeating(world).encrypt(id, Buffer.from('hello'), CONTEXT))).toBe('INTERNAL');
  });
});
