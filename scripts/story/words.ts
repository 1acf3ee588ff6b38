import type { ProviderName } from '../../domain/custody';
import type { Aspect } from '../../domain/drift';

/** What happened at the provider, in the steps where that differs. */
export interface ProviderWords {
  /** Whom the story is about, in its heading. */
  readonly key: string;
  readonly setUp: (admin: string, key: string) => string;
  readonly verified: string;
  readonly disabled: string;
  readonly enabled: string;
  readonly rotated: string;
  readonly retired: string;
  /** What stops being as it was verified, and is found by a probe. */
  readonly drift: { readonly aspect: Aspect; readonly found: string; readonly mended: string };
}

const WORDS: Readonly<Record<ProviderName, ProviderWords>> = {
  'aws-kms': {
    key: 'a key of its own in AWS KMS',
    setUp: (admin, key) =>
      `${admin} pasted the printed trust, role and key policies and entered ${key.split(':').slice(-1)[0]}`,
    verified: 'the worker assumed the role, was refused without the external ID, wrapped and unwrapped',
    disabled: 'kms:DisableKey through the official SDK, in the customer’s own account',
    enabled: 'kms:EnableKey, likewise',
    rotated: 'kms:RotateKeyOnDemand: new material behind the same ARN',
    retired: 'one ARN serves old and new: there is nothing to disable, and old data reads',
    drift: {
      aspect: 'identity',
      found: 'the alias was moved to another key: KEY_MOVED, a warning; the pinned key serves on, data reads',
      mended: 'the alias was moved back, and the warning is gone',
    },
  },
  'azure-key-vault': {
    key: 'a key of its own in Azure Key Vault',
    setUp: (admin, key) =>
      `${admin} named a key as told, let our app use it by the printed role, and entered ${key.replace('https://', '')}`,
    verified: 'the worker got a token in the customer’s tenant by certificate, wrapped and unwrapped',
    disabled: 'its version set to enabled=false through the official SDK, in the customer’s own tenant',
    enabled: 'its version set to enabled=true, likewise',
    rotated: 'a new version of the key, through the official SDK',
    retired: 'told that nothing live needs the former version, the customer disabled it: old data reads',
    drift: {
      aspect: 'writes',
      found: 'the key’s permission to wrap was taken away: a warning that blocks rotation; data reads',
      mended: 'the permission is back, and the warning is gone',
    },
  },
};

export const wordsOf = (provider: ProviderName): ProviderWords => WORDS[provider];
