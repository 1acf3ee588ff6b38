import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../runtime/metrics';

export interface WorkerDoor {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/healthz` (the process is alive), `/readyz` (it can do its work) and `/metrics` of a worker.
 * @param ready answers within its own deadline; a rejection is "not ready".
 */
export async function openWorkerDoor(
  { host, port }: { host: string; port: number },
  metrics: Metrics,
  ready: () => Promise<boolean>,
): Promise<WorkerDoor> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    switch (request.method === 'GET' ? request.url : '') {
      case '/healthz':
        return answer(200, 'text/plain', 'alive\n');
      case '/readyz':
        return void ready()
          .catch(() => false)
          .then((is) => answer(is ? 200 : 503, 'text/plain', is ? 'ready\n' : 'not ready\n'));
      case '/metrics':
        return void metrics.registry
          .metrics()
          .then((text) => answer(200, metrics.registry.contentType, text));
      default:
        return answer(404, 'text/plain', 'not found\n');
    }
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
