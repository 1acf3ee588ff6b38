import { WorkspaceUnavailable } from '../../../cipher';
import { parseCiphertext } from '../../../cipher/format';
import type { Reference } from '../reference/custody';
import { Violation } from '../reference/entry';
import type { World } from '../world/world';

const CONTEXT = { record: 'r-1' };

/** @returns the code it was refused with; `null`: it was answered. @throws Violation where the answer is another content */
export async function read(
  world: World,
  { ciphertext, text }: World['contents'][number],
): Promise<string | null> {
  return codeOf(async () => {
    const plaintext = await world.cipher.decrypt(world.id, ciphertext, CONTEXT);
    if (plaintext.toString() !== text) throw new Violation('another content was read than was written');
  });
}

export async function write(world: World, text: string): Promise<string | null> {
  return codeOf(async () => {
    const ciphertext = await world.cipher.encrypt(world.id, Buffer.from(text), CONTEXT);
    world.contents.push({ ciphertext, text });
  });
}

async function codeOf(operation: () => Promise<void>): Promise<string | null> {
  try {
    await operation();
    return null;
  } catch (error) {
    if (error instanceof WorkspaceUnavailable) return error.providerCode;
    throw error;
  }
}

/** What the key service says of a live version now, by what its owner has done to the key; `null`: it answers. */
export function refusalOf(world: World, reference: Reference, version: number): string | null {
  const wrapping = reference.live.get(version);
  if (wrapping === undefined) throw new Violation(`version ${version} isn’t live`);
  if (reference.custody === 'platform') return null;
  return world.customer.refusalOf(wrapping.keyRef);
}

export const mayRead = (
  world: World,
  reference: Reference,
  content: World['contents'][number],
): string | null => refusalOf(world, reference, parseCiphertext(content.ciphertext).keyVersion);
