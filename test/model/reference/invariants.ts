import { ProviderFailure } from '../../../domain/failure';
import type { KeyRef, KeyVersion } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import { statesOf } from '../world/platform';
import type { World } from '../world/world';
import type { Reference } from './custody';
import { demand, type Entry } from './entry';
import type { Facts } from './facts';

/** Every invariant that can be looked at (DESIGN.md §3). @throws Violation */
export async function judge(world: World, reference: Reference, facts: Facts): Promise<void> {
  demandSameCustody(reference, facts);
  await demandSigned(world, reference, facts);
  demandNothingLost(world, reference, facts);
  demandNoPlatformPath(world, reference, facts);
  demandOnlyLiveOpened(world, reference);
  demandSameOperations(reference, facts);
  demand(facts.openIncidents <= 1, 'two open incidents');
}

/** Custody is what the ledger says, and nothing else. */
function demandSameCustody(reference: Reference, { custody, versions }: Facts): void {
  demand((custody?.custody ?? 'none') === reference.custody, `custody is ${custody?.custody}`);
  demand((custody?.currentVersion ?? 0) === reference.currentVersion, 'another version is current');
  const known = [...reference.checkValues].map(([version, checkValue]) => ({ version, checkValue }));
  known.sort((a, b) => a.version - b.version);
  demand(JSON.stringify(versions) === JSON.stringify(known), 'key versions changed outside a switch');
}

/** What is live is one signature, over just what the reference says. */
async function demandSigned(world: World, reference: Reference, { custody }: Facts): Promise<void> {
  if (custody === null) return;
  const signed = await world.statements.custody(custody.statement);
  const live = Object.fromEntries([...reference.live].map(([version, { sha256 }]) => [version, sha256]));
  demand(
    JSON.stringify(Object.entries(signed.envelopes).sort()) === JSON.stringify(Object.entries(live).sort()),
    'the custody statement names other envelopes than the ledger',
  );
  demand(signed.custody === reference.custody, 'the custody statement says another custody');
  demand(signed.connectionId === reference.connection, 'the custody statement says another connection');
  demand(
    [...reference.keysInUse()].every((keyRef) => keyRef === signed.keyRef),
    'the custody statement says another key',
  );
}

/**
 * Invariant 2: each live version has an envelope that is there, unwraps to the key that it always was, and has its
 * signed statement. The key service is asked past its switches: what a customer has turned off isn't lost.
 */
function demandNothingLost(world: World, reference: Reference, { envelopes }: Facts): void {
  for (const [version, { sha256, keyRef, checkValue }] of reference.live) {
    const row = envelopes.find((each) => each.sha256 === sha256);
    demand(row?.wrapped != null && row.is === sha256, `live version ${version} has lost its envelope`);
    demand(row.keyRef === keyRef, `the envelope of version ${version} names another key`);
    if (world.proved.get(sha256) === checkValue) continue;
    const { ring } = row.custody === 'customer' ? world.customer : world.platform;
    const key = ring.keys.get(keyRef as KeyRef);
    demand(key !== undefined, `the key of live version ${version} is gone`);
    const { state } = key;
    key.state = 'enabled';
    try {
      const context = {
        organization: world.id,
        purpose: 'workspace-key',
        keyVersion: version as KeyVersion,
      } as const;
      const bytes = ring.unwrap(keyRef as KeyRef, Buffer.from(row.wrapped, 'base64'), context);
      demand(
        checkValueOf(bytes, world.id, version as KeyVersion) === checkValue,
        `live version ${version} unwraps to another key`,
      );
    } catch (error) {
      demand(!(error instanceof ProviderFailure), `live version ${version} doesn’t unwrap`);
      throw error;
    } finally {
      key.state = state;
    }
    world.proved.set(sha256, checkValue);
  }
}

/** Invariant 1. */
function demandNoPlatformPath(world: World, reference: Reference, { custody, envelopes }: Facts): void {
  const { platform } = reference;
  const states = statesOf(world.platform);
  platform.demandStates(states);
  // What an offboarding has staged is under a key of its own, which is there until its end.
  const staged = new Set<string>();
  for (const { ended, platformKey, staged: wrappings } of reference.operations.values()) {
    for (const { sha256 } of wrappings.values()) staged.add(sha256);
    if (ended || platformKey === null) continue;
    demand(states.get(platformKey) === 'enabled', 'a key was ended that custody may go to');
  }
  const isUnder = [...reference.live.values()].filter(({ keyRef }) => keyRef.startsWith('platform/'));
  demand(
    isUnder.length === (reference.custody === 'platform' ? reference.live.size : 0),
    'live under the platform, or not',
  );
  demand(
    isUnder.every(({ keyRef }) => platform.isPresent(keyRef)),
    'live under a platform key that custody isn’t under',
  );
  if (platform.isAtLeast('sealed')) demand(custody?.sealed != null, 'sealed without its statement');
  const left = envelopes.filter((each) => each.custody === 'platform' && each.wrapped !== null);
  if (platform.isAtLeast('erased'))
    demand(
      left.every(({ sha256 }) => staged.has(sha256)),
      'a platform envelope is left after the erasure',
    );
  // Nothing is kept that nothing names.
  const named = new Set([
    ...[...reference.live.values()].map(({ sha256 }) => sha256),
    ...reference.former.keys(),
    ...staged,
  ]);
  for (const { wrapped, sha256 } of envelopes)
    demand((wrapped !== null) === named.has(sha256), 'an envelope is kept, or erased, that shouldn’t be');
}

/** Content goes by what is live, and by nothing that was before, erased or not yet. */
function demandOnlyLiveOpened({ opened }: World, { live }: Reference): void {
  const digests = new Set([...live.values()].map(({ sha256 }) => sha256));
  for (const each of opened) demand(digests.has(each), 'content was opened by an envelope that isn’t live');
  opened.clear();
}

/** Invariant 10. */
function demandSameOperations(reference: Reference, { operations }: Facts): void {
  const holders = operations.filter(({ holdsLock }) => holdsLock);
  demand(holders.length <= 1, 'two operations hold the lock');
  demand((holders[0]?.id ?? null) === reference.lock, 'the lock is held by another than the ledger says');
  for (const { id, epoch, stage } of operations) {
    const known = reference.operations.get(id);
    demand(known?.epoch === epoch, `operation ${id} has epoch ${epoch}`);
    demand(known.ended === (stage === 'closed'), `operation ${id} is at ${stage}`);
  }
}

/**
 * Invariant 12: an offboarding is no way around a key that refuses. It neither begins nor switches while an incident is open.
 * @param entries since the last look
 */
export function demandNoWayAround(entries: readonly Entry[], { openIncidents }: Facts): void {
  const leads = entries.some(
    ({ type, body }) =>
      (type === 'operation-opened' && body['kind'] === 'offboard') || isOffboarding({ type, body }),
  );
  demand(!leads || openIncidents === 0, 'an offboarding went on while an incident was open');
}

/** Whether custody goes back to the platform with it. */
export const isOffboarding = ({ type, body }: Pick<Entry, 'type' | 'body'>): boolean =>
  type === 'custody-switched' && body['custody'] === 'platform' && body['planDigest'] !== null;
