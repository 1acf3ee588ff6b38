import { DecryptCommand, EncryptCommand, EncryptionAlgorithmSpec, type KMSClient } from '@aws-sdk/client-kms';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef } from '../../domain/ids';
import { awsKeyRefOf } from '../../domain/intake/aws';
import type { Unwrapped, WrapContext, Wrapped } from '../../domain/ports/provider';
import type { About, Call } from './call';

/** Names are documented and stable: customers write policy conditions on `kms:EncryptionContext:smsk:org` etc. */
export function encryptionContext(context: WrapContext): Record<string, string> {
  return {
    'smsk:org': context.organization,
    'smsk:purpose': context.purpose,
    'smsk:key-version': String(context.keyVersion),
  };
}

export interface WrapTarget {
  /** Key ARN or alias ARN to name in the call. */
  readonly keyId: string;
  /** The key that must answer, and the failure if another does; `null` accepts any. */
  readonly expected: { readonly keyRef: string; readonly otherwise: 'KEY_MISMATCH' | 'KEY_MOVED' } | null;
}

type Target = Omit<About, 'operation' | 'organization'>;

/** kms:Encrypt, ≤ 4,096 bytes. The caller keeps `bytes`; the SDK's text form of it is beyond our reach. */
export function encrypt(
  call: Call,
  kms: KMSClient,
  where: Target,
  { keyId, expected }: WrapTarget,
  bytes: Uint8Array,
  context: WrapContext,
): Promise<Wrapped> {
  return call(
    { ...where, operation: 'wrap', organization: context.organization },
    (abortSignal) =>
      kms.send(
        new EncryptCommand({
          KeyId: keyId,
          Plaintext: bytes,
          EncryptionContext: encryptionContext(context),
          EncryptionAlgorithm: EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,
        }),
        { abortSignal },
      ),
    (answer, requestId) => {
      const keyRef = awsKeyRefOf(answer.KeyId);
      const wrapped = answer.CiphertextBlob;
      if (keyRef === null || wrapped === undefined || wrapped.length === 0) {
        throw new ProviderFailure('UNCLASSIFIED', requestId);
      }
      if (expected !== null && keyRef !== expected.keyRef) {
        throw new ProviderFailure(expected.otherwise, requestId);
      }
      return { wrapped: Uint8Array.from(wrapped), keyRef, requestId };
    },
  );
}

/** kms:Decrypt with the key named, and the answered one compared. The SDK's buffer is zeroed on every path. */
export function decrypt(
  call: Call,
  kms: KMSClient,
  where: Target,
  keyRef: KeyRef,
  wrapped: Uint8Array,
  context: WrapContext,
): Promise<Unwrapped> {
  return call(
    { ...where, operation: 'unwrap', organization: context.organization },
    async (abortSignal) => {
      const answer = await kms.send(
        new DecryptCommand({
          KeyId: keyRef,
          CiphertextBlob: wrapped,
          EncryptionContext: encryptionContext(context),
          EncryptionAlgorithm: EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,
        }),
        { abortSignal },
      );
      // Too late for anybody to take it.
      if (abortSignal.aborted) answer.Plaintext?.fill(0);
      return answer;
    },
    (answer, requestId) => {
      const theirs = answer.Plaintext;
      if (theirs === undefined || theirs.length === 0) throw new ProviderFailure('UNCLASSIFIED', requestId);
      try {
        if (awsKeyRefOf(answer.KeyId) !== keyRef) throw new ProviderFailure('KEY_MISMATCH', requestId);
        return { bytes: Uint8Array.from(theirs), requestId };
      } finally {
        theirs.fill(0);
      }
    },
  );
}
