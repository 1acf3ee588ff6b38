import { createHash } from 'node:crypto';

/** Random bytes out of a seed: the same seed gives the same corpus, but for keys that only their makers can make. */
export interface Random {
  bytes(count: number): Buffer;
  /** 0 … below-1 */
  below(limit: number): number;
  pick<T>(of: readonly T[]): T;
  text(alphabet: string, length: number): string;
  uuid(): string;
}

export function seeded(seed: string): Random {
  let counter = 0;
  const bytes = (count: number): Buffer => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < count; have += 32)
      blocks.push(createHash('sha256').update(`${seed}/${counter++}`).digest());
    return Buffer.concat(blocks).subarray(0, count);
  };
  const below = (limit: number): number => bytes(4).readUInt32BE() % limit;
  const pick = <T>(of: readonly T[]): T => {
    const one = of[below(of.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  };
  const text = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
  const uuid = (): string => {
    const hex = bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  return { bytes, below, pick, text, uuid };
}
