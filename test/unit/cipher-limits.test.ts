import { OVERHEAD_BYTES } from '../../cipher/format';
import { MAX_BATCH_BYTES, MAX_ITEM_BYTES } from '../../cipher/limits';
import { Refusal } from '../../domain/failure';
import { settled } from '../fakes/cipher/manual-clock';
import { CipherWorld, codeOf } from '../fakes/cipher/world';

async function scene(limits = {}) {
  const world = new CipherWorld();
  const { id } = await world.organization();
  return { world, id, cipher: world.cipher({ limits }) };
}
const refusalOf = async (answer: Promise<unknown>): Promise<string> => {
  const error: unknown = await answer.catch((reason: unknown) => reason);
  return error instanceof Refusal ? `${error.code} ${error.detail ?? ''}`.trim() : String(error);
};
const plain = (size: number) => ({ plaintext: Buffer.alloc(size), context: {} });

describe('what an operation may carry', () => {
  it('carries 8 MiB, alone and as a batch, and empty content', async () => {
    const { id, cipher } = await scene();
    const content = Buffer.alloc(MAX_ITEM_BYTES, 1);
    const [alone, ...batch] = await Promise.all([
      cipher.encrypt(id, content, {}),
      ...(await cipher.encryptBatch(id, [plain(MAX_BATCH_BYTES - 1), plain(1), plain(0)])),
    ]);
    expect((await cipher.decrypt(id, alone, {})).equals(content)).toBe(true);
    const back = await cipher.decryptBatch(
      id,
      batch.map((ciphertext) => ({ ciphertext, context: {} })),
    );
    expect(back.map((item) => item.length)).toEqual([MAX_BATCH_BYTES - 1, 1, 0]);
  });

  it('carries 1,000 items, in order, with one call', async () => {
    const { world, id, cipher } = await scene();
    const items = Array.from({ length: 1_000 }, (_, n) => ({
      plaintext: Buffer.from(`${n}`),
      context: { n: `${n}` },
    }));
    const sealed = await cipher.encryptBatch(id, items);
    const opened = await cipher.decryptBatch(
      id,
      sealed.map((ciphertext, n) => ({ ciphertext, context: { n: `${n}` } })),
    );
    expect(opened.map(String)).toEqual(items.map((item) => item.plaintext.toString()));
    expect(world.keys.calls).toHaveLength(2);
    expect(world.usage.map((record) => record.operations)).toEqual([1, 1]);
  });

  it('refuses more, and rubbish, before anybody is asked for a key', async () => {
    const { world, id, cipher } = await scene();
    const rubbish = Buffer.from('this is no ciphertext of ours, but long enough to be one: 123456');
    const refusals = await Promise.all([
      refusalOf(cipher.encrypt(id, Buffer.alloc(MAX_ITEM_BYTES + 1), {})),
      refusalOf(cipher.encrypt(id, Buffer.alloc(1), { 'no spaces': 'x' })),
      refusalOf(cipher.encrypt(id, Buffer.alloc(1), { key: 'x'.repeat(9_000) })),
      refusalOf(cipher.encrypt(id, Buffer.alloc(1), { key: '\ud800' })),
      refusalOf(cipher.decrypt(id, rubbish, {})),
      refusalOf(cipher.decrypt(id, Buffer.alloc(3), {})),
      refusalOf(cipher.decrypt(id, Buffer.alloc(MAX_ITEM_BYTES + OVERHEAD_BYTES + 1), {})),
      refusalOf(cipher.encryptBatch(id, [])),
      refusalOf(cipher.encryptBatch(id, Array(1_001).fill(plain(0)))),
      refusalOf(cipher.encryptBatch(id, [plain(MAX_BATCH_BYTES), plain(1)])),
      refusalOf(cipher.encryptBatch(id, [plain(1), { plaintext: Buffer.alloc(1), context: { '': '' } }])),
      refusalOf(cipher.decryptBatch(id, [])),
      refusalOf(cipher.decryptBatch(id, [{ ciphertext: rubbish, context: {} }])),
    ]);
    expect(refusals).toEqual([
      'INPUT_TOO_LARGE',
      'INPUT_INVALID context: bad-key',
      'INPUT_INVALID context: oversize',
      'INPUT_INVALID context: ill-formed-text',
      'CIPHERTEXT_MALFORMED unknown-format',
      'CIPHERTEXT_MALFORMED truncated',
      'CIPHERTEXT_MALFORMED oversize',
      'INPUT_INVALID a batch has 1 to 1,000 items',
      'INPUT_TOO_LARGE 1001 items',
      'INPUT_TOO_LARGE',
      'INPUT_INVALID item 1: context: bad-key',
      'INPUT_INVALID a batch has 1 to 1,000 items',
      'CIPHERTEXT_MALFORMED item 0: unknown-format',
    ]);
    expect(world.reads).toBe(0);
    expect(world.keys.calls).toEqual([]);
    expect(world.operations).toHaveLength(refusals.length);
  });

  it('rejects a batch as a whole and names the item', async () => {
    const { id, cipher } = await scene();
    const [good, bad] = await cipher.encryptBatch(id, [plain(10), plain(10)]);
    if (good === undefined || bad === undefined) throw new Error('two were sent');
    bad[40] = (bad[40] ?? 0) ^ 1;
    const items = [good, bad].map((ciphertext) => ({ ciphertext, context: {} }));
    expect(await refusalOf(cipher.decryptBatch(id, items))).toBe('CIPHERTEXT_REJECTED item 1');
  });

  it('rejects a ciphertext of a key version that never was, without a call for it', async () => {
    const { world, id, cipher } = await scene();
    const ciphertext = await cipher.encrypt(id, Buffer.from('x'), {});
    const before = world.keys.calls.length;
    for (const version of [2, 77, 0xffff_ffff]) {
      const altered = Buffer.from(ciphertext);
      altered.writeUInt32BE(version, 4);
      expect(await codeOf(cipher.decrypt(id, altered, {}))).toBe('CIPHERTEXT_REJECTED');
    }
    expect(world.keys.calls).toHaveLength(before);
    // No database integer: it must not reach the read that a whole group shares.
    expect(world.reads).toBe(3);
  });

  it('rejects another organization’s ciphertext', async () => {
    const { world, id, cipher } = await scene();
    const other = await world.organization();
    const ciphertext = await cipher.encrypt(other.id, Buffer.from('x'), {});
    expect(await codeOf(cipher.decrypt(id, ciphertext, {}))).toBe('CIPHERTEXT_REJECTED');
  });
});

describe('how much an organization may have waiting', () => {
  it.each([
    ['operations', { waitingOperations: 3 }, 3],
    ['bytes', { waitingBytes: 100 }, 10],
  ])('bounds %s, and no other organization is touched', async (_, limits, fit) => {
    const { world, id, cipher } = await scene(limits);
    const other = await world.organization();
    const answers = Array.from({ length: fit }, () => codeOf(cipher.encrypt(id, Buffer.alloc(10), {})));
    expect(await codeOf(cipher.encrypt(id, Buffer.alloc(10), {}))).toBe('OVERLOADED');
    expect(await codeOf(cipher.encrypt(other.id, Buffer.alloc(10), {}))).toBe('OK');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['OK']));
    await settled();
    expect(await codeOf(cipher.encrypt(id, Buffer.alloc(10), {}))).toBe('OK');
  });
});
