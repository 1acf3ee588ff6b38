import type { CodeEntry } from './code';

/** Codes a provider call can end with. `PROVIDER_FAILURES` rows map onto these; nothing else leaves `providers/`. */
export const PROVIDER_CODES = {
  KEY_DISABLED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key is disabled.',
    remedy: 'Enable the key in your provider account. Access returns with the next operation.',
  },
  KEY_PENDING_DELETION: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key is scheduled for deletion.',
    remedy:
      'Urgent: cancel the deletion, then enable the key (cancelling leaves it disabled). Once the key is deleted, the data is lost for everybody.',
  },
  KEY_MATERIAL_MISSING: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key waits for its imported material, which expired or was deleted.',
    remedy: 'Import the same key material again.',
  },
  CUSTOM_STORE_DOWN: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key’s custom key store (CloudHSM or external) is not available.',
    remedy: 'Reconnect the custom key store or mend its external proxy.',
  },
  KEY_NOT_FOUND: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The provider knows no such key in that region and account.',
    remedy: 'Check the key’s ARN, region and alias. A key that was deleted for good can’t be recovered.',
  },
  WRAP_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'no-rotation',
    text: 'The identity may not wrap (kms:Encrypt) with this key.',
    remedy:
      'Allow kms:Encrypt for the role in the key policy and in the role’s own policy; compare both with the text `smsk connection policy` prints.',
  },
  UNWRAP_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The identity may not unwrap (kms:Decrypt) with this key.',
    remedy:
      'Allow kms:Decrypt for the role: key policy, role policy, service control policies and any condition on the encryption context; compare with the text `smsk connection policy` prints.',
  },
  KEY_WRONG_TYPE: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key isn’t a symmetric encryption key.',
    remedy: 'Create a key with spec SYMMETRIC_DEFAULT and usage ENCRYPT_DECRYPT and submit its ARN.',
  },
  KEY_MULTI_REGION: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key is a multi-Region key, whose replicas have off-switches of their own.',
    remedy: 'Create a single-Region key and submit its ARN.',
  },
  KEY_MISMATCH: {
    owner: 'customer',
    retry: 'never',
    effect: 'unreadable',
    text: 'Another key answered than the one this data is wrapped under.',
    remedy: 'Point the alias back to the pinned key, or ask support for a change of connection.',
  },
  KEY_MOVED: {
    owner: 'customer',
    retry: 'never',
    effect: 'no-rotation',
    text: 'The alias now points to another key than the one pinned at verification.',
    remedy:
      'Point the alias back, or run verification again before activation, or ask for a change of connection after it.',
  },
  CONTEXT_OR_BLOB_INVALID: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'The provider can’t open this envelope with its context.',
    remedy: 'Our people are looking into it; the envelope must never be edited by hand.',
  },
  CHECK_VALUE_MISMATCH: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'An unwrap returned another workspace key than the one its statement describes.',
    remedy: 'Our people are looking into it; the envelope must never be edited by hand.',
  },
  STATEMENT_INVALID: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'A stored custody or envelope row doesn’t carry our valid signature, so it isn’t used.',
    remedy: 'Our people are looking into it as a security incident. No provider was called.',
  },
  CONFIG_INVALID: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The provider rejects the key identifier or parameter as malformed.',
    remedy: 'Correct the identifier and submit the connection again.',
  },
  PROVIDER_TRANSIENT: {
    owner: 'provider',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider answers with an internal error.',
    remedy: 'Wait: we keep trying. See the provider’s health page.',
  },
  THROTTLED: {
    owner: 'customer',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider throttles our calls; with an assumed role they spend your account’s quota.',
    remedy: 'Raise the KMS request quota of your account in that region.',
  },
  ROLE_ASSUME_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'Your role doesn’t let us assume it: the role is gone, its trust policy doesn’t name us, it asks for another external ID, or a service control policy forbids it (AWS doesn’t tell which).',
    remedy:
      'Compare the role’s trust policy, statement by statement, with the text `smsk connection policy` prints.',
  },
  TRUST_POLICY_OPEN: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'Your role can be assumed without, or with a wrong, external ID: others could reach your key through us.',
    remedy:
      'Add the condition on sts:ExternalId from the text `smsk connection policy` prints to the trust policy, then verify again.',
  },
  REGION_NOT_ENABLED: {
    owner: 'customer',
    retry: 'never',
    effect: 'unreadable',
    text: 'The region isn’t enabled for that account.',
    remedy: 'Enable the region, and its STS endpoint, in your account.',
  },
  SESSION_EXPIRED: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'Our session with the provider had expired.',
    remedy: 'We renew it at once; nothing to do.',
  },
  OUR_IDENTITY: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'The provider doesn’t accept our own identity.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  OUR_SESSION_POLICY: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'The provider rejects the session policy we send.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  OUR_CLOCK_OR_CREDS: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'The provider rejects our signature or our clock.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  NETWORK: {
    owner: 'provider',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider’s endpoint can’t be reached.',
    remedy:
      'We keep trying. Check the provider’s health page and whether a firewall or DNS rule blocks the call.',
  },
  DEADLINE_EXCEEDED: {
    owner: 'provider',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider didn’t answer within the operation’s deadline.',
    remedy: 'We keep trying. Check the provider’s health page.',
  },
  HOST_NOT_ALLOWED: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key’s address isn’t one we connect to.',
    remedy:
      'Use a key in a public region of the provider; private addresses and private link aren’t part of this version.',
  },
  CREDENTIAL_EXPIRING: {
    owner: 'customer',
    retry: 'never',
    effect: 'none',
    text: 'The credential reference expires soon.',
    remedy: 'Renew it before its date.',
  },
  PLATFORM_KEY_ALIVE: {
    owner: 'operator',
    retry: 'slow',
    effect: 'none',
    text: 'The operator’s former key for this organization still unwraps.',
    remedy: 'Our people have been told; sealing goes on until it is refused.',
  },
  UNCLASSIFIED: {
    owner: 'operator',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The provider answered with something we don’t know.',
    remedy: 'Our people have been told, with the provider’s request id. Nothing falls back to another key.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ProviderCode = keyof typeof PROVIDER_CODES;
