import { join } from 'node:path';
import { z } from 'zod';
import { canonicalBytes } from '../domain/canonical';
import { type Disk, replaceFile } from './disk';
import { StateUnknown } from './state-unknown';
import type { Head } from './verify/consistency';
import { fromBase64, toBase64 } from './verify/encoding';

/** What a signer must not forget of an organization. */
export interface SignerState {
  /** The head signed last; `null` before the first. */
  readonly head: Head | null;
  /** The epoch below which no statement is signed. */
  readonly epochFloor: number;
}

const stored = z.strictObject({
  head: z.strictObject({ size: z.int().nonnegative(), root: z.string() }).nullable(),
  epochFloor: z.int().nonnegative(),
});

/**
 * One file per organization, canonical JSON. Read from disk every time: there's no copy in memory that could
 * differ after a crash, and recovery is nothing but the next request.
 */
export class SignerStates {
  constructor(
    private readonly folder: string,
    private readonly disk: Disk,
  ) {}

  /** @throws StateUnknown for a file we can't have written. */
  async read(organization: string): Promise<SignerState> {
    const path = this.pathOf(organization);
    const bytes = await this.disk.read(path);
    if (bytes === undefined) return { head: null, epochFloor: 0 };
    const { data } = stored.safeParse(jsonOf(bytes));
    if (data === undefined) throw new StateUnknown(`${path} is damaged`);
    if (data.head === null) return { head: null, epochFloor: data.epochFloor };
    const root = fromBase64(data.head.root);
    if (root?.length !== 32) throw new StateUnknown(`${path} is damaged`);
    return { head: { size: data.head.size, root }, epochFloor: data.epochFloor };
  }

  /** Durable when it returns. @throws StateUnknown. Inverse: {@link read}. */
  async write(organization: string, { head, epochFloor }: SignerState): Promise<void> {
    const value = { head: head && { size: head.size, root: toBase64(head.root) }, epochFloor };
    await replaceFile(this.disk, this.pathOf(organization), canonicalBytes(value));
  }

  private pathOf(organization: string): string {
    return join(this.folder, `${organization}.json`);
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
