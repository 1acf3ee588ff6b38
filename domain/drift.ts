import { isSplit } from './attribution';
import type { Owner, ProviderCode } from './codes';
import { type Connection, isAws } from './connection';
import type { KeyRef, RequestId } from './ids';
import type { Held, Named, Outcome, Probed } from './ports/prober';

/**
 * What is looked at, each fine or not whatever the others are: at most one finding of each stands at a time. Reads
 * aren't here: an organization that can't read has an incident, not a warning.
 * - `warning`: on the status, with what to do; posture `warning`, nobody is paged
 * - `operator`: the same, and a security event of ours that somebody is paged for
 * - `rotation`: envelopes are to be wrapped anew; nothing is wrong
 */
export const ASPECTS = {
  /** Wrapping is refused while reads go on. Blocks rotation. */
  writes: 'warning',
  /** The alias that was entered leads to another key, or to none. */
  identity: 'warning',
  /** The provider has a newer version of the key than envelopes are wrapped under. */
  version: 'rotation',
  /** The trust policy lets in whom it must refuse. */
  trust: 'warning',
  /** The credential behind the connection ends soon. */
  credential: 'warning',
  /** We, or our way out, fail for our own canary as well: no fault of the customer's. */
  ours: 'operator',
  /** The operator's former key isn't pending deletion or gone. */
  'platform-key': 'operator',
  /** Rows that the ledger doesn't explain. */
  records: 'operator',
} as const satisfies Record<string, 'warning' | 'operator' | 'rotation'>;
export type Aspect = keyof typeof ASPECTS;
export const isAspect = (name: string): name is Aspect => Object.hasOwn(ASPECTS, name);

/** A finding that stands until a later probe finds it gone. */
export interface Drift {
  readonly code: ProviderCode;
  readonly owner: Owner;
  /** The key it is about, where it is about another than the pinned one. */
  readonly keyRef: KeyRef | null;
  readonly requestId: RequestId | null;
}

/** What a probe says of the aspects it looked at: `null` is fine, an absent one wasn't looked at. */
export type Looked = { readonly [A in Aspect]?: Drift | null };

/**
 * What a failed read says, for every code:
 * - `refused`: the provider answers, and refuses this key: an incident at once
 * - `outage`: no answer that says anything: an incident at the second in a row
 * - `ours`: about us alone: never the customer's incident
 */
export const SAYS = {
  KEY_DISABLED: 'refused',
  KEY_PENDING_DELETION: 'refused',
  KEY_MATERIAL_MISSING: 'refused',
  CUSTOM_STORE_DOWN: 'refused',
  KEY_NOT_FOUND: 'refused',
  WRAP_DENIED: 'refused',
  UNWRAP_DENIED: 'refused',
  KEY_WRONG_TYPE: 'refused',
  KEY_MULTI_REGION: 'refused',
  KEY_MISMATCH: 'refused',
  KEY_MOVED: 'refused',
  CONTEXT_OR_BLOB_INVALID: 'refused',
  CHECK_VALUE_MISMATCH: 'refused',
  STATEMENT_INVALID: 'refused',
  CONFIG_INVALID: 'refused',
  PROVIDER_TRANSIENT: 'outage',
  THROTTLED: 'outage',
  ROLE_ASSUME_DENIED: 'refused',
  TRUST_POLICY_OPEN: 'refused',
  REGION_NOT_ENABLED: 'refused',
  SESSION_EXPIRED: 'ours',
  OUR_IDENTITY: 'ours',
  OUR_SESSION_POLICY: 'ours',
  OUR_CLOCK_OR_CREDS: 'ours',
  OUR_DNS: 'ours',
  NETWORK: 'outage',
  DEADLINE_EXCEEDED: 'outage',
  RBAC_DENIED: 'refused',
  ACCESS_POLICY_DENIED: 'refused',
  FIREWALL: 'refused',
  KEY_EXPIRED_OR_NBF: 'refused',
  KEY_OPS_MISSING: 'refused',
  KEY_DELETED_OR_VERSION_GONE: 'refused',
  CIPHERTEXT_OR_ALG_MISMATCH: 'refused',
  TENANT_MISMATCH: 'refused',
  VAULT_PURGED_OR_WRONG: 'refused',
  SP_NOT_IN_TENANT: 'refused',
  IDENTITY_BLOCKED: 'refused',
  TENANT_NOT_FOUND: 'refused',
  CREDENTIAL_INVALID: 'refused',
  FEDERATION_MISMATCH: 'ours',
  KEY_NOT_BOUND: 'refused',
  REFERENCE_UNKNOWN: 'refused',
  CREDENTIAL_UNAVAILABLE: 'ours',
  CREDENTIAL_EXPIRED: 'refused',
  HOST_NOT_ALLOWED: 'refused',
  CREDENTIAL_EXPIRING: 'refused',
  PLATFORM_KEY_ALIVE: 'ours',
  KEY_ROTATED: 'refused',
  RECORD_UNEXPLAINED: 'ours',
  UNCLASSIFIED: 'outage',
} as const satisfies Record<ProviderCode, 'refused' | 'outage' | 'ours'>;
type Saying = (typeof SAYS)[ProviderCode];

/** What follows from reads that failed, by what that says, the first time and from the second in a row on. */
export const FAILED_READS = {
  refused: ['incident', 'incident'],
  outage: ['wait', 'incident'],
  ours: ['wait', 'operator'],
} as const satisfies Record<Saying, readonly ['incident' | 'wait', 'incident' | 'operator']>;

/** What a probe came to, and what follows. */
export interface Judgement {
  /** `OK`, or the code of what failed first. */
  readonly code: ProviderCode | 'OK';
  /** Of reads, in a row, this one included. */
  readonly failures: number;
  /** Opens the organization's incident, or is counted into it. */
  readonly incident: { readonly code: ProviderCode; readonly requestId: RequestId | null } | null;
  readonly looked: Looked;
}

type Failed = Extract<Outcome, { readonly result: 'failed' }>;
const isFailed = (outcome: Outcome | Named): outcome is Failed => outcome.result === 'failed';

/** Whose a failure is. Asked only of failures: it may have to probe a canary of our own. */
export type OwnerOf = (code: ProviderCode) => Promise<Owner>;

/** What is known of an organization before its probe. */
export interface Subject {
  readonly connection: Connection;
  readonly held: readonly Held[];
  /** Probes in a row, before this one, in which reads weren't possible. */
  readonly failures: number;
}

/** What follows from a probe of a customer's key. */
export async function judge(subject: Subject, probed: Probed, ownerOf: OwnerOf): Promise<Judgement> {
  const failed = [probed.access, ...probed.reads].find(isFailed);
  if (failed !== undefined) return judgeFailedReads(subject, probed, failed, ownerOf);
  const looked = {
    ...(await judgeTrust(probed, ownerOf)),
    ...(await judgeWrites(probed, ownerOf)),
    ...judgeIdentity(subject, probed),
    ours: null,
  };
  const found = Object.values(looked).find((drift) => drift !== null && drift.code !== 'KEY_ROTATED');
  return { code: found?.code ?? 'OK', failures: 0, incident: null, looked };
}

async function judgeFailedReads(
  subject: Subject,
  probed: Probed,
  { code, requestId }: Failed,
  ownerOf: OwnerOf,
): Promise<Judgement> {
  const owner = await ownerOf(code);
  const failures = subject.failures + 1;
  // Our own canary fails in the same way: whatever the code says of the customer, it is about us.
  const isCommon = owner === 'operator' && isSplit(subject.connection.input, code);
  const says = isCommon && code !== 'UNCLASSIFIED' ? 'ours' : SAYS[code];
  const [first, further] = FAILED_READS[says];
  const consequence = failures > 1 ? further : first;
  const trust = await judgeTrust(probed, ownerOf);
  switch (consequence) {
    case 'wait':
      return { code, failures, incident: null, looked: trust };
    case 'incident':
      return { code, failures, incident: { code, requestId }, looked: { ...trust, ours: null } };
    case 'operator':
      return {
        code,
        failures,
        incident: null,
        looked: { ...trust, ours: { code, owner: 'operator', keyRef: null, requestId } },
      };
    default: {
      const unknown: never = consequence;
      throw new Error(`unknown consequence ${String(unknown)}`);
    }
  }
}

/** An outage in the middle of answers says nothing that the next probe wouldn't say better. */
async function judgeWrites({ writes }: Probed, ownerOf: OwnerOf): Promise<Looked> {
  if (writes === null) return {};
  if (!isFailed(writes)) return { writes: null };
  const { code, requestId } = writes;
  if (SAYS[code] !== 'refused') return {};
  return { writes: { code, owner: await ownerOf(code), keyRef: null, requestId } };
}

async function judgeTrust({ trust }: Probed, ownerOf: OwnerOf): Promise<Looked> {
  if (trust === null) return {};
  if (!isFailed(trust)) return { trust: null };
  const { code, requestId } = trust;
  return { trust: { code, owner: await ownerOf(code), keyRef: null, requestId } };
}

/** AWS: the alias may be moved, and the pinned key goes on serving. Azure: the newest version may be another. */
function judgeIdentity({ connection, held }: Subject, { writes, leadsTo }: Probed): Looked {
  if (leadsTo === null) return {};
  if (!isAws(connection)) {
    if (isFailed(leadsTo)) return {};
    const isNewer = !held.some(({ keyRef }) => keyRef === leadsTo.keyRef);
    // An alias is AWS's: a finding of one is of a former connection.
    return { identity: null, version: isNewer ? drift('KEY_ROTATED', leadsTo.keyRef) : null };
  }
  if (!isFailed(leadsTo)) {
    const isMoved = leadsTo.keyRef !== connection.pinnedKeyRef;
    return { identity: isMoved ? drift('KEY_MOVED', leadsTo.keyRef) : null, version: null };
  }
  // The key itself serves: it's the alias that is gone, or leads to where we aren't let in.
  const isGone = SAYS[leadsTo.code] === 'refused' && writes?.result === 'ok';
  return isGone ? { identity: drift('KEY_MOVED', null) } : {};
}

const drift = (code: ProviderCode, keyRef: KeyRef | null): Drift => ({
  code,
  owner: 'customer',
  keyRef,
  requestId: null,
});
