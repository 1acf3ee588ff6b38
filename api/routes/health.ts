import { Refusal } from '../../domain/failure';
import type { App } from '../app';
import { refusals } from '../app';
import type { ApiDeps } from '../deps';
import { healthShape, readyShape } from '../shapes/health';

const tags = ['health'];

/** For whoever runs it: alive, able to work, and the numbers. Unauthenticated, and says nothing of any organization. */
export function healthRoutes(app: App, deps: ApiDeps): void {
  const { store, signer, messenger, metrics, settings } = deps;
  const answers = (probe: () => Promise<unknown>): Promise<boolean> => within(settings.probeWithinMs, probe);

  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'health',
        summary: 'Is the process alive?',
        tags,
        response: { 200: healthShape },
      },
    },
    async () => ({ status: 'alive' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'ready',
        summary: 'Can it do its work? Without Temporal it can: data flows, workflows wait',
        tags,
        response: { 200: readyShape, ...refusals },
      },
    },
    async () => {
      const [database, signs, temporal] = await Promise.all([
        answers(() => store.ping()),
        answers(() => signer.keys()),
        answers(() => messenger.ping()),
      ]);
      if (!database) throw new Refusal('NOT_READY', 'the database doesn’t answer');
      if (!signs) throw new Refusal('NOT_READY', 'the signer doesn’t answer');
      const current = deps.behind.size === 0;
      return {
        status: temporal && current ? ('ready' as const) : ('degraded' as const),
        parts: {
          database: 'ok' as const,
          signer: 'ok' as const,
          temporal: temporal ? ('ok' as const) : ('unreachable' as const),
          ledgers: current ? ('ok' as const) : ('behind' as const),
        },
      };
    },
  );

  app.get(
    '/metrics',
    { schema: { operationId: 'metrics', summary: 'Prometheus metrics', tags } },
    async (_, reply) => {
      reply.type(metrics.registry.contentType);
      return metrics.registry.metrics();
    },
  );
}

/** Whether it answers, in time. */
function within(limitMs: number, probe: () => Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    const settle = (answered: boolean) => {
      clearTimeout(timer);
      resolve(answered);
    };
    probe().then(
      () => settle(true),
      () => settle(false),
    );
  });
}
