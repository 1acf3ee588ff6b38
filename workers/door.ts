import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../runtime/metrics';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface WorkerDoor {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/healthz` (the process is alive), `/readyz` (it can do its work) and `/metrics` of a worker, or of the signer.
 * @param ready answers within its own deadline; a rejection is "not ready".
 */
export async function openWorkerDoor(
  { host, port }: { host: string; port: number },
  metrics: Pick<Metrics, 'registry'>,
  ready: () => Promise<boolean>,
): Promise<WorkerDoor> {
  const answers: Record<string, () => Promise<Answer>> = {
    '/healthz': async () => ({ status: 200, type: 'text/plain', body: 'alive\n' }),
    '/readyz': async () => {
      const is = await ready().catch(() => false);
      return { status: is ? 200 : 503, type: 'text/plain', body: is ? 'ready\n' : 'not ready\n' };
    },
    '/metrics': async () => ({
      status: 200,
      type: metrics.registry.contentType,
      body: await metrics.registry.metrics(),
    }),
  };
  const unknown = async (): Promise<Answer> => ({ status: 404, type: 'text/plain', body: 'not found\n' });
  const server = createServer((request, response) => {
    const answer = (request.method === 'GET' ? answers[request.url ?? ''] : undefined) ?? unknown;
    void answer().then(({ status, type, body }) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
