import type { Sha256Hex } from '../../../domain/ids';
import type { OperationStep } from '../step';

/** Takes the bytes and leaves the rows, which name this entry from then on. */
export async function eraseEnvelopes(
  { tx, organization, index }: Pick<OperationStep, 'tx' | 'organization' | 'index'>,
  envelopes: readonly { readonly wrappedSha256: Sha256Hex }[],
): Promise<void> {
  for (const { wrappedSha256 } of envelopes)
    await tx.$executeRaw`SELECT erase_envelope(${organization}::uuid, ${wrappedSha256}, ${index})`;
}
