import { ProviderFailure } from '../../domain/failure';
import type { WrapContext } from '../../domain/ports/provider';
import { useKey } from './client';
import { type Access, about } from './cryptography';

const ENVELOPE_BYTES = 256;

/**
 * A refused wrap alone doesn't say whether our app has no role at all, or one without wrapKey. So an unwrap is asked
 * for too, of random bytes: Key Vault looks at the permission before it looks at them.
 * @returns the denial of both, or `null` if unwrap isn't what is denied, or can't be told now
 */
export async function wholeDenial(
  access: Access,
  context: WrapContext,
  random: (size: number) => Uint8Array,
): Promise<ProviderFailure | null> {
  const { call, egress, connection, token } = access;
  const use = { use: 'unwrapKey', key: connection.input.key, version: null, token } as const;
  try {
    await call(
      about(access, 'unwrap-key', context),
      (signal) => useKey(egress, use, random(ENVELOPE_BYTES), signal),
      ({ value }) => void value?.fill(0),
    );
  } catch (failure) {
    const isWhole =
      failure instanceof ProviderFailure &&
      (failure.code === 'RBAC_DENIED' || failure.code === 'ACCESS_POLICY_DENIED');
    if (isWhole) return failure;
  }
  return null;
}
