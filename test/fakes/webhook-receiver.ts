import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificateFor } from './tls';

export interface Received {
  readonly path: string;
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
/** A status with a body nobody should keep, no answer at all, or a broken connection. */
export type Answer = number | 'hangs' | 'breaks';

/** What a receiver that means no good answers with, whatever its status. */
export const RUBBISH = 'AKIAIOSFODNN7EXAMPLE said the receiver';

/** A real receiver over TLS, on this machine. Close it. */
export async function openReceiver(...hosts: string[]) {
  const { ca, cert, key } = certificateFor(...hosts);
  const received: Received[] = [];
  const answers: Answer[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ path, host: headers.host ?? '', headers, body });
      const answer = answers.shift() ?? 204;
      if (answer === 'breaks') request.socket.destroy();
      if (typeof answer === 'number')
        response
          .writeHead(answer, { location: '/elsewhere', 'x-rubbish': RUBBISH })
          .end(answer === 204 ? undefined : RUBBISH);
    });
  });
  const listen = (port: number) => new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return { ca, port, received, answers, stop, start: () => listen(port), close: stop };
}
export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
