import type { AwsConnection } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { scopeOf } from './session-policy';
import type { Sessions } from './sessions';

/**
 * Confused deputy: whoever knows the role's ARN could have us use it, were our external ID not required.
 * @param externalId `null`: none; or one that is wrong
 * @returns the request id of the refusal
 * @throws ProviderFailure TRUST_POLICY_OPEN, or why it couldn't be asked
 */
export async function mustRefuse(
  sessions: Sessions,
  connection: AwsConnection,
  externalId: string | null,
  signal: AbortSignal,
): Promise<{ requestId: RequestId | null }> {
  try {
    const { requestId } = await sessions.assume(connection, scopeOf(connection.input.key), signal, {
      externalId,
      operation: 'trust-probe',
      refresh: false,
    });
    throw new ProviderFailure('TRUST_POLICY_OPEN', requestId);
  } catch (failure) {
    const refused = failure instanceof ProviderFailure && failure.code === 'ROLE_ASSUME_DENIED';
    if (!refused) throw failure;
    return { requestId: failure.requestId };
  }
}

/** @param random cryptographically secure bytes */
export const wrongId = (random: (size: number) => Uint8Array): string =>
  `smsk-probe-${Buffer.from(random(16)).toString('hex')}`;
