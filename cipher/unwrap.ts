import { ProviderFailure } from '../domain/failure';
import type { KeyVersion, OrganizationId, RequestId } from '../domain/ids';
import { requestIdOf } from '../domain/intake/fields';
import { checkValueOf } from '../domain/key-check';
import type { PlatformKeys } from '../domain/ports/platform';
import type { OnRepeated, Provider, Unwrapped, WrapContext } from '../domain/ports/provider';
import type { Deadline } from './deadline';
import type { ProvedCustody, ProvedEnvelope } from './proved-custody';
import { XAES_KEY_BYTES, XaesKey } from './xaes';

/** Who unwraps: the customer's provider, or the operator's own key service under platform custody. */
export interface KeyServices {
  readonly provider: Pick<Provider, 'unwrap'>;
  readonly platform: Pick<PlatformKeys, 'unwrap'>;
}

export interface UnwrappedKey {
  /** The caller must destroy it. */
  readonly key: XaesKey;
  readonly requestId: RequestId | null;
}

/**
 * One call, or two where the provider repeats one: `onRepeated` is told of the first. The buffer that the provider
 * handed over is zeroed before this returns, on every path, and also when it comes after the deadline.
 * @throws ProviderFailure, and whatever the provider threw that isn't one.
 */
export async function unwrapKey(
  services: KeyServices,
  organization: OrganizationId,
  version: KeyVersion,
  custody: ProvedCustody,
  envelope: ProvedEnvelope,
  deadline: Deadline,
  onRepeated: OnRepeated,
): Promise<UnwrappedKey> {
  const context: WrapContext = { organization, purpose: 'workspace-key', keyVersion: version };
  const call = (): Promise<Unwrapped> =>
    custody.connection === null
      ? services.platform.unwrap(custody.keyRef, envelope.wrapped, context, deadline.signal, onRepeated)
      : services.provider.unwrap(
          custody.connection,
          envelope.wrapped,
          custody.keyRef,
          context,
          deadline.signal,
          onRepeated,
        );
  const unwrapped = await deadline.race(call(), (late) => late.bytes.fill(0));
  const requestId = requestIdOf(unwrapped.requestId);
  try {
    const isRight =
      unwrapped.bytes.length === XAES_KEY_BYTES &&
      checkValueOf(unwrapped.bytes, organization, version) === envelope.checkValue;
    if (!isRight) throw new ProviderFailure('CHECK_VALUE_MISMATCH', requestId);
    return { key: new XaesKey(unwrapped.bytes), requestId };
  } finally {
    unwrapped.bytes.fill(0);
  }
}
