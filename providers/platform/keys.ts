import type { PlatformKeys } from '../../domain/ports/platform';
import { createCall } from '../aws-kms/call';
import type { AwsIdentity } from '../aws-kms/clients';
import { decrypt, encrypt } from '../aws-kms/cryptography';
import type { Observe } from '../calls/call';
import type { Egress } from '../egress/egress';
import { OwnKms } from './own-kms';

export interface PlatformKeysOptions {
  readonly egress: Egress;
  /** Where the operator's keys are. */
  readonly region: string;
  /** The cipher identity: the key policies let it wrap and unwrap, and nobody else. */
  readonly identity: AwsIdentity;
  readonly clock: () => number;
  readonly observe: Observe;
}

export const CIPHER_COMMANDS = ['Encrypt', 'Decrypt'] as const;

/** The operator's own KMS: the contract of a customer's provider, without a role to assume. */
export function createPlatformKeys(options: PlatformKeysOptions): PlatformKeys {
  const { region, clock, observe } = options;
  const call = createCall({ provider: 'platform', clock, observe });
  const own = new OwnKms({ ...options, commands: CIPHER_COMMANDS });
  return {
    wrap: (keyRef, bytes, context, signal) => {
      const target = { keyId: keyRef, expected: { keyRef, otherwise: 'KEY_MISMATCH' } } as const;
      return own.use(signal, (kms) => encrypt(call, kms, { region, signal }, target, bytes, context));
    },
    unwrap: (keyRef, wrapped, context, signal, onRepeated) =>
      own.use(signal, (kms) => decrypt(call, kms, { region, signal }, keyRef, wrapped, context), {
        onRepeated,
      }),
  };
}
