import { instantOf } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

test('organizations in customer custody, by name and some at a time; and whether a thing was told', async () => {
  const { store } = opened;
  const [one, two] = [await Story.at(store, 'handoff', 'b-one'), await Story.at(store, 'sealing', 'a-two')];
  const platform = await Story.at(store, 'live', 'c-platform');
  const names = async (...args: Parameters<typeof store.inCustomerCustody>) =>
    (await store.inCustomerCustody(...args)).map(({ name }) => name);
  expect(await names(null, 10)).toEqual([two.name, one.name]);
  expect(await names(null, 1)).toEqual([two.name]);
  expect(await names(two.name, 10)).toEqual([one.name]);
  expect(await names(one.name, 10)).toEqual([]);
  expect(await store.inCustomerCustody(two.name, 1)).toEqual([await store.organizationByName(one.name)]);

  const telling = (taken: number) =>
    ({
      ...({ type: 'entitlement-told', state: 'ended', orderRef: 'PO-1', seq: 1 } as const),
      ...{ at: instantOf(0), taken },
    }) as const;
  const request = { ...one.unfenced(telling(1)), idempotencyKey: 'entitlement/1/ended' };
  expect(await store.isOnRecord(one.organization, request.idempotencyKey)).toBe(false);
  await store.commit(request);
  // Another worker's attempt, of which more mails were taken, is the same telling.
  expect(await store.commit({ ...request, change: telling(2) })).toMatchObject({
    replayed: true,
  });
  expect(await store.isOnRecord(one.organization, request.idempotencyKey)).toBe(true);
  expect(await store.isOnRecord(platform.organization, request.idempotencyKey)).toBe(false);
  expect((await store.status(one.name))?.custody).toMatchObject({ custody: 'customer' });
});
