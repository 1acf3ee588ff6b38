import { type Owner, PROVIDER_CODES, type ProviderCode } from './codes';
import type { ConnectionInput } from './connection';
import { CONTROL_UNKNOWN, type ControlOutcome, type ControlProbe } from './ports/control-probe';

/** The part of a connection that attribution goes by; `null` is the operator's own key service. */
export type Refused = Pick<ConnectionInput, 'provider' | 'credential'> | null;

interface Split {
  /** Whose it is when our own canary passes. */
  readonly passes: (refused: NonNullable<Refused>) => Owner;
  /** The canary's failures that this one goes back to: the cause is then common to all. Any other says nothing. */
  readonly explainedBy: readonly ProviderCode[];
  /** It is about who we are: for a credential that isn't ours the canary is no comparison. */
  readonly aboutUs?: true;
}

type Rule = 'itself' | ((refused: NonNullable<Refused>) => Owner) | Split;

const customer = (): Owner => 'customer';
const provider = (): Owner => 'provider';
const operator = (): Owner => 'operator';
const whoseCredential = ({ credential }: NonNullable<Refused>): Owner =>
  credential.kind === 'approved' ? 'customer' : 'operator';

/** Causes that would have our identity refused by everybody. */
const IDENTITY = [
  'ROLE_ASSUME_DENIED',
  'OUR_IDENTITY',
  'OUR_CLOCK_OR_CREDS',
  'OUR_SESSION_POLICY',
  'SESSION_EXPIRED',
  'SP_NOT_IN_TENANT',
  'IDENTITY_BLOCKED',
  'CREDENTIAL_INVALID',
  'CREDENTIAL_UNAVAILABLE',
  'FEDERATION_MISMATCH',
] as const satisfies readonly ProviderCode[];

/**
 * Who can mend it, for every code. `itself`: the code table's owner, whatever our canary says, because the provider
 * (or our own check) named the cause; a function: by whose credential it is. The others look alike whether the cause
 * is theirs or ours, and are split by the canary.
 */
export const ATTRIBUTION = {
  // The provider names the state of this very key, vault or permission: only its owner can have changed it.
  KEY_DISABLED: 'itself',
  KEY_PENDING_DELETION: 'itself',
  KEY_MATERIAL_MISSING: 'itself',
  CUSTOM_STORE_DOWN: 'itself',
  KEY_NOT_FOUND: 'itself',
  KEY_DELETED_OR_VERSION_GONE: 'itself',
  KEY_EXPIRED_OR_NBF: 'itself',
  KEY_OPS_MISSING: 'itself',
  KEY_WRONG_TYPE: 'itself',
  KEY_MULTI_REGION: 'itself',
  KEY_MISMATCH: 'itself',
  KEY_MOVED: 'itself',
  KEY_NOT_BOUND: 'itself',
  // We were let in; what is denied is denied to whom they let in.
  WRAP_DENIED: 'itself',
  UNWRAP_DENIED: 'itself',
  RBAC_DENIED: 'itself',
  ACCESS_POLICY_DENIED: 'itself',
  TRUST_POLICY_OPEN: 'itself',
  CONFIG_INVALID: 'itself',
  // Our own records, checks and references.
  CONTEXT_OR_BLOB_INVALID: 'itself',
  CIPHERTEXT_OR_ALG_MISMATCH: 'itself',
  CHECK_VALUE_MISMATCH: 'itself',
  STATEMENT_INVALID: 'itself',
  REFERENCE_UNKNOWN: 'itself',
  CREDENTIAL_UNAVAILABLE: 'itself',
  CREDENTIAL_EXPIRED: 'itself',
  CREDENTIAL_EXPIRING: 'itself',
  PLATFORM_KEY_ALIVE: 'itself',
  KEY_ROTATED: 'itself',
  RECORD_UNEXPLAINED: 'itself',
  OUR_SESSION_POLICY: 'itself',
  OUR_DNS: 'itself',
  SESSION_EXPIRED: 'itself',
  FEDERATION_MISMATCH: 'itself',
  // The provider says of itself that it is in trouble; the canary could only say how widely.
  PROVIDER_TRANSIENT: 'itself',

  // AWS doesn't tell a trust policy that stopped naming us from a principal of ours that lost its own right.
  ROLE_ASSUME_DENIED: { passes: customer, explainedBy: IDENTITY, aboutUs: true },
  // Our own registration may have been removed or blocked at its home, or the other tenant's copy of it.
  SP_NOT_IN_TENANT: { passes: customer, explainedBy: IDENTITY, aboutUs: true },
  IDENTITY_BLOCKED: { passes: customer, explainedBy: IDENTITY, aboutUs: true },
  // Our app's certificate is ours; what a reference points to is the customer's.
  CREDENTIAL_INVALID: whoseCredential,
  // With our identity accepted elsewhere, what is left of these is the credential in use.
  OUR_IDENTITY: { passes: whoseCredential, explainedBy: ['OUR_IDENTITY'], aboutUs: true },
  OUR_CLOCK_OR_CREDS: { passes: whoseCredential, explainedBy: ['OUR_CLOCK_OR_CREDS'] },
  // A token endpoint that we address wrongly knows no tenant at all.
  TENANT_NOT_FOUND: { passes: customer, explainedBy: ['TENANT_NOT_FOUND'] },
  TENANT_MISMATCH: { passes: customer, explainedBy: ['TENANT_MISMATCH'] },
  // Credentials that are simply bad are answered like this in a region that accounts have to switch on.
  REGION_NOT_ENABLED: { passes: customer, explainedBy: ['REGION_NOT_ENABLED', 'OUR_IDENTITY'] },
  // Quotas of the role's account, or of the vault; but AssumeRole and tokens spend ours.
  THROTTLED: { passes: customer, explainedBy: ['THROTTLED'], aboutUs: true },
  // Our canary's vault lets in the addresses that we publish: refused there too, they have changed.
  FIREWALL: { passes: customer, explainedBy: ['FIREWALL'] },
  // A vault's host is its owner's to keep reachable; AWS's endpoints are AWS's, and may be away in one region only.
  NETWORK: {
    passes: ({ provider: name }) => (name === 'azure-key-vault' ? 'customer' : 'provider'),
    explainedBy: ['NETWORK', 'VAULT_PURGED_OR_WRONG'],
  },
  // A vault's host that doesn't resolve, or resolves to where we don't go: theirs, or our resolver.
  VAULT_PURGED_OR_WRONG: { passes: customer, explainedBy: ['VAULT_PURGED_OR_WRONG', 'NETWORK'] },
  HOST_NOT_ALLOWED: { passes: customer, explainedBy: ['HOST_NOT_ALLOWED'] },
  // Packets lost on our way out end like this too.
  DEADLINE_EXCEEDED: {
    passes: provider,
    explainedBy: ['DEADLINE_EXCEEDED', 'PROVIDER_TRANSIENT', 'NETWORK', 'VAULT_PURGED_OR_WRONG'],
  },
  // An answer that we can't read is ours to learn, unless the provider is known to be in trouble.
  UNCLASSIFIED: {
    passes: operator,
    explainedBy: ['UNCLASSIFIED', 'PROVIDER_TRANSIENT', 'DEADLINE_EXCEEDED'],
  },
} as const satisfies Record<ProviderCode, Rule>;

/** Whose a cause is that is common to our canary and the customer's key. */
const commonCause = (code: ProviderCode): Owner =>
  code === 'PROVIDER_TRANSIENT' || code === 'DEADLINE_EXCEEDED' ? 'provider' : 'operator';

/** Whether the canary's outcome can change who is named. */
export function isSplit(refused: Refused, code: ProviderCode): boolean {
  return refused !== null && typeof ATTRIBUTION[code] === 'object';
}

/**
 * Who can mend a refusal: the customer, the provider, or the operator (us).
 * @param refused `null`: by the operator's own key service, where nothing is the customer's
 */
export function attribute(refused: Refused, code: ProviderCode, control: ControlOutcome): Owner {
  const byCode = PROVIDER_CODES[code].owner;
  if (refused === null) return byCode === 'provider' ? 'provider' : 'operator';
  const rule: Rule = ATTRIBUTION[code];
  if (rule === 'itself') return byCode;
  if (typeof rule === 'function') return rule(refused);
  const isComparable = rule.aboutUs === undefined || refused.credential.kind !== 'approved';
  switch (control.result) {
    case 'unknown':
      return byCode;
    case 'passes':
      return rule.passes(refused);
    case 'fails':
      return isComparable && rule.explainedBy.includes(control.code) ? commonCause(control.code) : byCode;
    default: {
      const never: never = control;
      throw new Error(`unknown outcome ${String(never)}`);
    }
  }
}

/** {@link attribute}, asking the canary only where it decides. */
export async function ownerOf(
  control: ControlProbe,
  refused: Refused,
  code: ProviderCode,
  signal?: AbortSignal,
): Promise<Owner> {
  const asked = refused !== null && isSplit(refused, code);
  return attribute(refused, code, asked ? await control.outcome(refused.provider, signal) : CONTROL_UNKNOWN);
}
