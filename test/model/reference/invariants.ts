import { ProviderFailure } from '../../../domain/failure';
import type { KeyRef, KeyVersion } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import type { World } from '../world/world';
import { PLATFORM_ENDS, type Reference } from './custody';
import { demand } from './entry';
import type { Facts } from './facts';

const isAtLeast = (reference: Reference, end: (typeof PLATFORM_ENDS)[number]): boolean =>
  PLATFORM_ENDS.indexOf(reference.platform) >= PLATFORM_ENDS.indexOf(end);

/** Every invariant that can be looked at (DESIGN.md §3). @throws Violation */
export async function judge(world: World, reference: Reference, facts: Facts): Promise<void> {
  demandSameCustody(reference, facts);
  await demandSigned(world, reference, facts);
  demandNothingLost(world, reference, facts);
  demandNoPlatformPath(world, reference, facts);
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
  const states = [...world.platform.ring.keys.values()].map(({ state }) => state);
  // Before the switch nothing takes the platform's key away: it's what every read needs.
  if (reference.platform === 'used')
    demand(
      states.every((state) => state === 'enabled'),
      'the platform’s key was disabled before the switch',
    );
  if (isAtLeast(reference, 'sealed')) {
    demand(!states.includes('enabled'), 'a platform key is enabled after the seal');
    demand(custody?.sealed != null, 'sealed without its statement');
    demand(
      [...reference.live.values()].every(({ keyRef }) => !keyRef.startsWith('platform/')),
      'live under the platform',
    );
  }
  const left = envelopes.filter((each) => each.custody === 'platform' && each.wrapped !== null);
  if (isAtLeast(reference, 'erased'))
    demand(left.length === 0, 'a platform envelope is left after the erasure');
  // Nothing is kept that nothing names.
  const named = new Set([
    ...[...reference.live.values()].map(({ sha256 }) => sha256),
    ...reference.former,
    ...[...reference.operations.values()].flatMap(({ staged }) =>
      [...staged.values()].map(({ sha256 }) => sha256),
    ),
  ]);
  for (const { wrapped, sha256 } of envelopes)
    demand((wrapped !== null) === named.has(sha256), 'an envelope is kept, or erased, that shouldn’t be');
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
