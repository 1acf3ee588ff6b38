import type { OrganizationId } from '../../../domain/ids';
import type { OpenCipher } from './cipher';

/** Rounds of a write, and of reading that and what was written before; and what failed. */
export interface Flow {
  done: number;
  readonly failed: unknown[];
}

/** Content is written and read, one round after the other, for as long as `work` is under way. */
export async function underTraffic<T>(
  { cipher }: Pick<OpenCipher, 'cipher'>,
  organization: OrganizationId,
  { ciphertext, context }: { readonly ciphertext: Buffer; readonly context: Record<string, string> },
  work: () => Promise<T>,
): Promise<{ readonly flow: Flow; readonly result: T }> {
  const flow: Flow = { done: 0, failed: [] };
  let isOver = false;
  const flowing = (async () => {
    while (!isOver) {
      try {
        const written = await cipher.encrypt(organization, Buffer.from('meanwhile'), context);
        await cipher.decrypt(organization, written, context);
        await cipher.decrypt(organization, ciphertext, context);
        flow.done++;
      } catch (error) {
        flow.failed.push(error);
      }
    }
  })();
  const result = await work().finally(() => {
    isOver = true;
  });
  await flowing;
  return { flow, result };
}
