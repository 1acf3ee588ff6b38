import type { Providers } from '../../../providers/compose';
import { createMetrics } from '../../../runtime/metrics';
import { composeShared } from '../../../workers/compose';
import type { Deployment } from './deployment';

/** Work with the clouds as a worker of ours calls them, past everything that decides whether it may. */
export async function withOurProviders<T>(
  { runtime, log }: Pick<Deployment, 'runtime' | 'log'>,
  work: (providers: Providers) => Promise<T>,
): Promise<T> {
  const { clouds, store } = composeShared(runtime, 'test', log.logger, createMetrics());
  try {
    return await work(clouds);
  } finally {
    await store.close();
    clouds.egress.close();
  }
}
