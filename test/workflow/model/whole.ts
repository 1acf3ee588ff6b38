import { ProviderFailure } from '../../../domain/failure';
import { checkValueOf } from '../../../domain/key-check';
import type { World } from '../../fakes/world';
import { Reference } from '../../model/reference/custody';
import { demand } from '../../model/reference/entry';
import { parsed } from '../../model/reference/facts';
import { follow } from '../../model/reference/rules';
import { statesOf } from '../../model/world/platform';
import type { Story } from '../support/story';

type Envelope = ReturnType<World['store']['rows']>['envelopes'][number];

/**
 * The reference of the model (`test/model/reference`) over what a story has left until now: the ledger is one that may
 * be, and custody, envelopes, keys and locks are as it says.
 * @throws Violation
 */
export function demandWhole({ world, id }: Story, signed: ReadonlySet<string>): Reference {
  const reference = new Reference((decision, digest) => signed.has(`${decision}/${digest}`));
  const { ledger, custody, live, envelopes, operations } = world.store.rows(id);
  for (const { entry } of ledger) follow(reference, parsed(entry));

  demand((custody?.custody ?? 'none') === reference.custody, 'custody isn’t what the ledger says');
  const named = [...reference.live.values()].map(({ sha256 }) => sha256);
  demand([...live].sort().join() === named.sort().join(), 'other envelopes are live than the ledger says');
  const kept = new Set([...named, ...reference.former.keys(), ...stagedBy(reference)]);
  for (const { record, erased } of envelopes)
    demand(erased !== kept.has(record.wrappedSha256), 'an envelope is kept, or erased, that shouldn’t be');
  for (const { record } of envelopes.filter((each) => live.has(each.record.wrappedSha256)))
    demandOpens(world, record);

  reference.platform.demandStates(statesOf(world.platform));

  const holders = operations.filter(({ holdsLock }) => holdsLock).map((each) => each.id as string);
  demand(
    holders.length <= 1 && (holders[0] ?? null) === reference.lock,
    'the lock isn’t where the ledger says',
  );
  return reference;
}

const stagedBy = (reference: Reference): string[] =>
  [...reference.operations.values()].flatMap(({ staged }) =>
    [...staged.values()].map(({ sha256 }) => sha256),
  );

/** By the key that it names, past whatever its owner has turned off. */
function demandOpens({ customer, platform }: World, record: Envelope['record']): void {
  const { ring } = record.custody === 'customer' ? customer : platform;
  const key = ring.key(record.keyRef);
  const { state } = key;
  key.state = 'enabled';
  try {
    const { organization, version: keyVersion, keyRef, wrapped, checkValue } = record;
    const bytes = ring.unwrap(keyRef, wrapped, { organization, purpose: 'workspace-key', keyVersion });
    demand(
      checkValueOf(bytes, organization, keyVersion) === checkValue,
      'a live version has become another key',
    );
  } catch (error) {
    demand(!(error instanceof ProviderFailure), 'a live version doesn’t unwrap');
    throw error;
  } finally {
    key.state = state;
  }
}
