import { createHash } from 'node:crypto';
import type { ProviderName } from '../../../domain/custody';
import { type Claim, type Claims, keyName } from './claims';
import type { ProviderRecord } from './provider-record';
import { byTime, Sightings } from './sightings';

/**
 * How long a provider takes to write a call into its log, at most as a rule.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html,
 * https://learn.microsoft.com/azure/key-vault/general/logging
 */
export const DELAY_MS: Readonly<Record<ProviderName, number>> = {
  'aws-kms': 15 * 60_000,
  'azure-key-vault': 10 * 60_000,
};
/** Between a call, by the provider's clock, and its row, by ours: the longest wait for an answer, and room for clocks. */
export const SLACK_MS = 30_000;
/** Claims that are told one by one: the earliest. */
const MOST_TOLD = 100;

export interface Result {
  /** Both have it. `named`: those that the ledger names by id though there's no row of them. */
  readonly matched: { readonly done: number; readonly refused: number; readonly named: number };
  /** Calls that an unanswered row of ours explains: same key, same caller, same time. */
  readonly byTime: number;
  /** Uses of the key that the provider has and we haven't, and those it refused. */
  readonly outside: Sightings;
  readonly denied: Sightings;
  /** Refused uses of which the log doesn't say the key. */
  readonly deniedOfNoKey: Sightings;
  /** Claims that the log should have; `late` ones may still come; `idle` ones served nothing. */
  readonly oursOnly: { readonly count: number; readonly told: readonly Claim[] };
  readonly idle: number;
  readonly late: number;
  /** Rows whose answer never came: they have no id to look for. */
  readonly unanswered: number;
  /** What only one side covers the time of. */
  readonly unjudged: { readonly records: number; readonly rows: number };
  /** Records that came twice, and those that aren't uses of the key. */
  readonly duplicates: number;
  readonly other: number;
  readonly coverage: Readonly<Partial<Record<ProviderName, Coverage>>>;
}

/** Of one provider's log: its first and its last record's time, and how many. Milliseconds. */
export interface Coverage {
  fromMs: number;
  toMs: number;
  records: number;
}

interface Standing {
  readonly claim: Claim | null;
  /** Of the record that it was found in. */
  foundIn: string | null;
}

/**
 * Compares a provider's log, record by record in any order, with what a bundle claims. A claim is good for one record:
 * at Azure the caller chooses the id, and could choose one that was ours before.
 */
export class Reconciliation {
  /** By request id. */
  readonly #standing = new Map<string, Standing[]>();
  readonly #unanswered: Claim[];
  readonly #coverage: Partial<Record<ProviderName, Coverage>> = {};
  readonly #seen = new Set<string>();
  /** Whom claimed records name as their caller. */
  readonly #ourPrincipals = new Set<string>();
  /** Unclaimed uses that an unanswered row may explain. */
  readonly #maybeUnanswered: ProviderRecord[] = [];
  readonly #outside = new Sightings();
  readonly #denied = new Sightings();
  readonly #deniedOfNoKey = new Sightings();
  #matched = { done: 0, refused: 0, named: 0 };
  #unjudged = 0;
  #duplicates = 0;
  #other = 0;

  constructor(private readonly claims: Claims) {
    const stand = (requestId: string, claim: Claim | null) => {
      const same = this.#standing.get(requestId);
      if (same === undefined) this.#standing.set(requestId, [{ claim, foundIn: null }]);
      else same.push({ claim, foundIn: null });
    };
    for (const claim of claims.rows) if (claim.requestId !== null) stand(claim.requestId, claim);
    for (const id of claims.named) if (!this.#standing.has(id)) stand(id, null);
    this.#unanswered = claims.rows
      .filter(({ requestId }) => requestId === null)
      .sort((a, b) => a.atMs - b.atMs);
  }

  add(record: ProviderRecord): void {
    this.#cover(record);
    const isOurs = record.keys.some((key) => this.claims.keys.has(keyName(key)));
    const isOthers = record.keys.length > 0 && !isOurs;
    if (!isOthers && this.#isClaimed(record)) return;
    if (!record.isUse || isOthers) {
      this.#other += 1;
      return;
    }
    if (this.#isSeen(record)) {
      this.#duplicates += 1;
      return;
    }
    if (record.keys.length === 0 && record.refusal !== null) this.#deniedOfNoKey.add(record);
    else if (!this.#covers(record.atMs)) this.#unjudged += 1;
    else if (record.refusal !== null) this.#denied.add(record);
    else if (this.#unanswered.some((claim) => explains(claim, record))) this.#maybeUnanswered.push(record);
    else this.#outside.add(record);
  }

  /** After the last record. */
  result(): Result {
    const byTimeCount = this.#explainUnanswered();
    const left = { idle: 0, late: 0, rows: 0 };
    const told: Claim[] = [];
    for (const standing of this.#standing.values())
      for (const { claim, foundIn } of standing) {
        if (claim === null || foundIn !== null) continue;
        const covered = this.#coverage[claim.provider];
        if (covered === undefined || claim.atMs - SLACK_MS < covered.fromMs || claim.atMs > covered.toMs)
          left.rows += 1;
        else if (claim.operations === 0) left.idle += 1;
        else if (claim.atMs > covered.toMs - DELAY_MS[claim.provider]) left.late += 1;
        else told.push(claim);
      }
    told.sort((a, b) => a.atMs - b.atMs || (String(a.requestId) < String(b.requestId) ? -1 : 1));
    return {
      matched: this.#matched,
      byTime: byTimeCount,
      outside: this.#outside,
      denied: this.#denied,
      deniedOfNoKey: this.#deniedOfNoKey,
      oursOnly: { count: told.length, told: told.slice(0, MOST_TOLD) },
      idle: left.idle,
      late: left.late,
      unanswered: this.#unanswered.length,
      unjudged: { records: this.#unjudged, rows: left.rows },
      duplicates: this.#duplicates,
      other: this.#other,
      coverage: this.#coverage,
    };
  }

  #isClaimed(record: ProviderRecord): boolean {
    const standing = record.requestId === null ? undefined : this.#standing.get(record.requestId);
    if (standing === undefined) return false;
    if (standing.some(({ foundIn }) => foundIn === record.identity)) {
      this.#duplicates += 1;
      return true;
    }
    const free = standing.find(({ foundIn }) => foundIn === null);
    if (free === undefined) return false;
    free.foundIn = record.identity;
    this.#ourPrincipals.add(record.principal);
    if (free.claim === null) this.#matched.named += 1;
    else if (record.refusal === null) this.#matched.done += 1;
    else this.#matched.refused += 1;
    return true;
  }

  /** A digest of 96 bits stands for the record: held for each that nobody claims. */
  #isSeen({ identity }: ProviderRecord): boolean {
    const digest = createHash('sha256').update(identity).digest('base64').slice(0, 16);
    const isSeen = this.#seen.has(digest);
    this.#seen.add(digest);
    return isSeen;
  }

  #cover({ provider, atMs }: ProviderRecord): void {
    const covered = this.#coverage[provider] ?? { fromMs: atMs, toMs: atMs, records: 0 };
    this.#coverage[provider] = covered;
    covered.records += 1;
    if (atMs < covered.fromMs) covered.fromMs = atMs;
    if (atMs > covered.toMs) covered.toMs = atMs;
  }

  /** Whether a row of a call at that time would surely be among ours. */
  #covers(atMs: number): boolean {
    const { window } = this.claims;
    return window !== null && atMs >= window.fromMs + SLACK_MS && atMs < window.toMs - SLACK_MS;
  }

  /** Each unanswered row explains one call, the earliest first; whatever remains is from outside. */
  #explainUnanswered(): number {
    const free = [...this.#unanswered];
    let explained = 0;
    for (const record of this.#maybeUnanswered.toSorted(byTime)) {
      const at = this.#ourPrincipals.has(record.principal)
        ? free.findIndex((claim) => explains(claim, record))
        : -1;
      if (at < 0) this.#outside.add(record);
      else {
        free.splice(at, 1);
        explained += 1;
      }
    }
    this.#maybeUnanswered.length = 0;
    return explained;
  }
}

/** A call that we gave up waiting for has its row when we did. */
const explains = (claim: Claim, { atMs, keys, provider }: ProviderRecord): boolean =>
  claim.provider === provider &&
  Math.abs(claim.atMs - atMs) <= SLACK_MS &&
  keys.some((key) => keyName(key) === claim.key);
