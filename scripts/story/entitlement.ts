import type { Cast } from './cast';
import { entriesOf, newestEntry } from './ledger-entry';
import { readBack } from './off-switch';
import { signedOrder } from './order';
import type { Chapter } from './report';
import type { Services } from './services';
import { until } from './until';

/** The commerce system takes the order back, and gives another: the data doesn't notice either. */
export async function playEntitlement(chapter: Chapter, services: Services, cast: Cast): Promise<void> {
  const { org, support } = cast;
  // An order, its withdrawal, and another order.
  const [, withdrawn, again] = await entriesOf(support, org, 'order-accepted');
  await chapter.step(org, 'order withdrawn', async () => {
    if (withdrawn === undefined) {
      await support.submitOrder(org, await signedOrder(services, cast, 'withdrawal'));
      const { posture, custody } = await until(
        support,
        org,
        'the warning',
        ({ entitlement }) => entitlement?.state === 'withdrawn',
      );
      if (posture !== 'warning' || custody !== 'customer') throw new Error(`${posture}, ${custody} custody`);
      await readBack(cast);
    }
    return {
      words: 'a warning on the status, and nothing else: custody stays, data reads; offboarding is offered',
      entry: withdrawn ?? (await newestEntry(support, org, 'order-accepted')),
      done: withdrawn !== undefined,
    };
  });
  await chapter.step(org, 'new order', async () => {
    const done = again !== undefined;
    if (!done) {
      await support.submitOrder(org, await signedOrder(services, cast));
      await until(support, org, 'the end of the warning', ({ entitlement }) => entitlement === null);
    }
    return {
      words: 'the warning is gone',
      entry: again ?? (await newestEntry(support, org, 'order-accepted')),
      done,
    };
  });
}
