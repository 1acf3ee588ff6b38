import { inspect } from 'node:util';
import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { settled } from '../fakes/cipher/manual-clock';
import { CipherWorld } from '../fakes/cipher/world';

const MARKER = 'MARKER-5c1d7e';

/** What a careless provider might throw: the marker in every place where one can be. */
function loaded(): Error {
  const error = new Error(`${MARKER} in the message`, { cause: new Error(`${MARKER} in the cause`) });
  error.name = `${MARKER}Exception`;
  error.stack = `${MARKER} in the stack`;
  return Object.assign(error, {
    code: MARKER,
    $metadata: { requestId: MARKER },
    $response: { headers: { 'x-amzn-requestid': MARKER }, body: MARKER },
  });
}

/** What a provider hands over, or throws, that must not be passed on. */
const CARELESS: Record<string, () => Promise<never>> = {
  'an error of the SDK': () => Promise.reject(loaded()),
  'a string': () => Promise.reject(MARKER as never),
  'nothing at all': () => Promise.reject(undefined as never),
  'a failure with a foreign code': () => Promise.reject(new ProviderFailure(MARKER as ProviderCode)),
  'a failure with a foreign request id': () =>
    Promise.reject(new ProviderFailure('KEY_DISABLED', `${MARKER} <script>` as RequestId)),
  'a failure with a changed message': () =>
    Promise.reject(Object.assign(new ProviderFailure('KEY_DISABLED'), { message: MARKER, stack: MARKER })),
};

/** Everything that left the cipher: errors with their stacks, events, records. */
async function whatLeft(world: CipherWorld, answers: readonly Promise<unknown>[]): Promise<string> {
  const errors = await Promise.all(answers.map((answer) => answer.catch((error: unknown) => error)));
  await settled();
  const { operations, observations, troubles, usage, refused } = world;
  return [{ errors, operations, observations, troubles, usage, refused }, ...errors]
    .map((each) => {
      const stack = each instanceof Error ? `${each.stack} ${each.message} ${JSON.stringify(each)}` : '';
      return inspect(each, { depth: 20, showHidden: true, maxStringLength: null }) + stack;
    })
    .join('\n');
}

describe('nothing raw leaves the cipher', () => {
  it.each(Object.entries(CARELESS))('a provider that throws %s', async (_, answer) => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const cipher = world.cipher();
    const ciphertext = await cipher.encrypt(id, Buffer.from('x'), {});
    world.keys.answer = answer;
    const left = await whatLeft(world, [
      cipher.encrypt(id, Buffer.from('x'), {}),
      cipher.decrypt(id, ciphertext, {}),
      cipher.encryptBatch(id, [{ plaintext: Buffer.from('x'), context: {} }]),
    ]);
    expect(left).toContain('WORKSPACE_UNAVAILABLE');
    expect(left).not.toContain(MARKER);
  });

  it.each(['usage', 'refused', 'answered', 'snapshot', 'floor', 'verifier'] as const)(
    'trouble in %s',
    async (where) => {
      const world = new CipherWorld();
      const { id } = await world.organization();
      const fails = () => Promise.reject(loaded());
      const cipher = world.cipher({
        ...(where === 'floor' ? { epochFloor: fails } : {}),
        ...(where === 'verifier' ? { verifier: { ...world.signer.verifier, custody: fails } } : {}),
      });
      if (where === 'snapshot') world.reader = { snapshot: fails };
      if (where === 'usage' || where === 'refused' || where === 'answered') {
        world.recorder = { ...world.recorder, [where]: fails };
      }
      const answer = world.keys.answer;
      world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED'));
      const first = cipher.encrypt(id, Buffer.from('x'), {});
      await first.catch(() => undefined);
      world.keys.answer = answer;
      const left = await whatLeft(world, [first, cipher.encrypt(id, Buffer.from('x'), {})]);
      expect(world.troubles.length).toBeGreaterThan(0);
      expect(left).not.toContain(MARKER);
    },
  );

  it('neither keys, nor content, nor context, as bytes, hex or base64', async () => {
    const world = new CipherWorld();
    const { id, keys } = await world.organization();
    const cipher = world.cipher();
    const content = Buffer.from('the customer’s own words');
    const context = { secret: 'context-value-71' };
    const ciphertext = await cipher.encrypt(id, content, context);
    await cipher.decrypt(id, ciphertext, context);
    world.recorder = { ...world.recorder, usage: () => Promise.reject(new Error('no')) };
    const left = await whatLeft(world, [
      cipher.decrypt(id, ciphertext, context),
      cipher.decrypt(id, ciphertext, { secret: 'context-value-72' }),
      cipher.encrypt(id, content, { 'bad key': 'context-value-73' }),
    ]);
    const key = Buffer.from(keys.get(1 as never) ?? []);
    expect(key).toHaveLength(32);
    for (const secret of [key, content, Buffer.from('context-value-7')]) {
      for (const form of [secret.toString('hex'), secret.toString('base64'), secret.toString('base64url')]) {
        expect(left).not.toContain(form.replaceAll('=', ''));
      }
      expect(left).not.toContain(secret.toString());
      expect(left).not.toContain(inspect(secret).slice(8, 40));
    }
  });
});

describe('one event for each operation, on every path', () => {
  it('counts', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const other = '00000000-0000-4000-8000-000000000000' as never;
    const cipher = world.cipher({ limits: { waitingOperations: 2 } });
    const run = async (answer: Promise<unknown>) => {
      await answer.catch(() => undefined);
      await settled();
    };
    const ciphertext = await cipher.encrypt(id, Buffer.from('x'), {});
    await run(cipher.decrypt(id, ciphertext, {}));
    await run(cipher.decrypt(id, ciphertext, { a: 'b' }));
    await run(cipher.decrypt(id, Buffer.from('rubbish'), {}));
    await run(cipher.encryptBatch(id, []));
    await run(cipher.encrypt(other, Buffer.from('x'), {}));
    await run(Promise.allSettled([1, 2, 3].map(() => cipher.encrypt(id, Buffer.from('x'), {}))));
    world.keys.answer = () => Promise.reject(new ProviderFailure('KEY_DISABLED', 'r-9' as RequestId));
    await run(cipher.encrypt(id, Buffer.from('xyz'), {}));
    world.reader = { snapshot: () => Promise.reject(new Error('no')) };
    await run(cipher.encrypt(id, Buffer.from('x'), {}));
    world.keys.calls.length = 0;
    const hung = cipher.encrypt(id, Buffer.from('x'), {});
    world.clock.pass(5_000);
    await run(hung);
    expect(world.operations.map((event) => event.code)).toEqual([
      'OK',
      'OK',
      'CIPHERTEXT_REJECTED',
      'CIPHERTEXT_MALFORMED',
      'INPUT_INVALID',
      'ORGANIZATION_UNKNOWN',
      'OVERLOADED',
      'OK',
      'OK',
      'WORKSPACE_UNAVAILABLE',
      'INTERNAL',
      'WORKSPACE_UNAVAILABLE',
    ]);
    expect(world.operations.find((event) => event.providerCode === 'KEY_DISABLED')).toEqual({
      organization: id,
      operation: 'encrypt',
      items: 1,
      bytes: 3,
      code: 'WORKSPACE_UNAVAILABLE',
      providerCode: 'KEY_DISABLED',
      requestId: 'r-9',
      durationMs: 0,
    });
  });

  it('harms no operation when the logger throws', async () => {
    const world = new CipherWorld();
    const { id } = await world.organization();
    const broken = () => {
      throw new Error('disk full');
    };
    const cipher = world.cipher({ events: { onOperation: broken, observe: broken, onTrouble: broken } });
    expect(await cipher.encrypt(id, Buffer.from('x'), {})).toHaveLength(49);
  });
});
