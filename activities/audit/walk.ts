import { nodeSuite } from '../../ledger/node/suite';
import { appendAll, type Frontier, rootOf } from '../../ledger/verify/frontier';
import { leafHash } from '../../ledger/verify/tree';
import type { LedgerLine } from '../../store/contract';

const PAGE = 1000;

/** Reads a ledger's lines on from a frontier and hashes them anew; what the rows say of their hashes isn't asked. */
export class LedgerWalk {
  /** The lines read that nobody has published yet. */
  readonly unpublished: string[] = [];

  /** @param published how many lines were published */
  constructor(
    private readonly read: (from: number, limit: number) => Promise<readonly LedgerLine[]>,
    public frontier: Frontier,
    private readonly published: number,
  ) {}

  get size(): number {
    return this.frontier.size;
  }
  get root(): Uint8Array {
    return rootOf(nodeSuite, this.frontier);
  }

  /** Reads on until `size`. @returns the index of an entry that is gone, before which it stands still; `null`: none is */
  async to(size: number): Promise<number | null> {
    const utf8 = new TextEncoder();
    while (this.size < size) {
      const from = this.size;
      const wanted = Math.min(PAGE, size - from);
      const lines = await this.read(from, wanted);
      const gap = lines.findIndex(({ index }, i) => index !== from + i);
      const present = gap === -1 ? lines : lines.slice(0, gap);
      const leaves = present.map(({ entry }) => leafHash(nodeSuite, utf8.encode(entry)));
      this.frontier = appendAll(nodeSuite, this.frontier, leaves);
      for (const { index, entry } of present) if (index >= this.published) this.unpublished.push(entry);
      if (present.length < wanted) return this.size;
    }
    return null;
  }
}
