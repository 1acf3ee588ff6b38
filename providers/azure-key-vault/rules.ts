import type { ProviderCode } from '../../domain/codes';

/** What was asked of the vault when the error came. */
export type VaultOperation = 'wrap-key' | 'unwrap-key';

export interface VaultRule {
  readonly status: number;
  /** Inner code of the error, which tells the causes of a 403 apart; absent: any, or none. */
  readonly inner?: readonly string[];
  readonly during?: VaultOperation;
  /**
   * The error's text, where it has no inner code that tells, or where that isn't documented. Phrases with spaces:
   * no name that a customer gives can hold them. Read here and nowhere else; nothing of it is kept.
   */
  readonly says?: RegExp;
  readonly code: ProviderCode;
  readonly reason: string;
}

/**
 * The first rule that fits counts. https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
 * A denial during a wrap proves no more than that: reads may go on, and a denied unwrap says so by itself.
 */
export const VAULT_RULES: readonly VaultRule[] = [
  {
    status: 403,
    inner: ['ForbiddenByFirewall', 'ForbiddenByConnection'],
    code: 'FIREWALL',
    reason: 'our address, or any from outside a private link',
  },
  { status: 403, inner: ['KeyDisabled'], code: 'KEY_DISABLED', reason: 'that version is switched off' },
  { status: 403, says: /\bon a disabled key\b/i, code: 'KEY_DISABLED', reason: 'the same in words' },
  {
    status: 403,
    inner: ['KeyExpired', 'KeyNotYetValid'],
    code: 'KEY_EXPIRED_OR_NBF',
    reason: 'outside its dates a key unwraps and doesn’t wrap',
  },
  {
    status: 403,
    says: /\bnot allowed on an? (?:expired key|key that is not yet valid|key before)\b|\bkey is (?:expired|not yet valid)\b/i,
    code: 'KEY_EXPIRED_OR_NBF',
    reason: 'the same in words: the inner codes aren’t documented',
  },
  {
    status: 403,
    inner: ['KeyOperationForbidden'],
    code: 'KEY_OPS_MISSING',
    reason: 'the key’s own list of operations',
  },
  {
    status: 403,
    says: /\boperation \w+ is not permitted on this key\b/i,
    code: 'KEY_OPS_MISSING',
    reason: 'the same in words',
  },
  {
    status: 403,
    inner: ['ForbiddenByRbac', 'AccessDenied', 'ForbiddenByPolicy'],
    during: 'wrap-key',
    code: 'WRAP_DENIED',
    reason: 'reads go on: the wrap is what’s refused',
  },
  {
    status: 403,
    inner: ['ForbiddenByRbac'],
    during: 'unwrap-key',
    code: 'RBAC_DENIED',
    reason: 'no role assignment: never made, taken away, or lost when the vault was recovered',
  },
  {
    status: 403,
    inner: ['AccessDenied', 'ForbiddenByPolicy'],
    during: 'unwrap-key',
    code: 'ACCESS_POLICY_DENIED',
    reason: 'a vault with access policies, none of which lets us',
  },
  { status: 403, during: 'wrap-key', code: 'WRAP_DENIED', reason: 'forbidden for a reason we don’t know' },
  {
    status: 403,
    during: 'unwrap-key',
    code: 'UNWRAP_DENIED',
    reason: 'forbidden for a reason we don’t know',
  },
  {
    status: 404,
    code: 'KEY_DELETED_OR_VERSION_GONE',
    reason: 'key, version or vault deleted, or never there; a deleted vault keeps its host name',
  },
  {
    status: 409,
    inner: ['ObjectIsDeletedButRecoverable', 'ObjectIsBeingDeleted', 'ObjectIsBeingRecovered'],
    code: 'KEY_DELETED_OR_VERSION_GONE',
    reason: 'not seen on wrap and unwrap, and plain if it is',
  },
  {
    status: 400,
    during: 'unwrap-key',
    code: 'CIPHERTEXT_OR_ALG_MISMATCH',
    reason: 'we send envelope and algorithm as recorded: if they don’t fit, our records are wrong',
  },
  {
    status: 400,
    during: 'wrap-key',
    says: /\bis of type '|\bnot supported (?:for|on|by) (?:this )?key\b|\bkey type\b|\bincompatible\b/i,
    code: 'KEY_WRONG_TYPE',
    reason: 'a key that isn’t RSA can’t do RSA-OAEP-256',
  },
  { status: 400, during: 'wrap-key', code: 'CONFIG_INVALID', reason: 'an identifier the vault can’t read' },
  {
    status: 401,
    says: /\bAKV10032\b|\binvalid issuer\b/i,
    code: 'TENANT_MISMATCH',
    reason: 'the token is of the tenant entered, and the vault of another; the number is a hint',
  },
  { status: 401, code: 'SESSION_EXPIRED', reason: 'renewed and tried once more' },
  { status: 408, code: 'PROVIDER_TRANSIENT', reason: 'the vault gave up waiting' },
  { status: 429, code: 'THROTTLED', reason: 'the vault’s own limit, or the subscription’s' },
];
