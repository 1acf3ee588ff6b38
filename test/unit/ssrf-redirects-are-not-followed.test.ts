import { randomBytes } from 'node:crypto';
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { makeTlsMaterial } from '../../emulators/azure/tls/authority';
import { createEgress, type Egress } from '../../providers/egress/egress';
import { endOf, SERVICE_NAMES, SERVICES } from './ssrf/services';

/** Answers every request with a redirect, as a service that was taken over might. */
let answer = { status: 307, location: '' };
const requests: string[] = [];
const redirecting: RequestListener = (request, response) => {
  request.resume();
  if (request.url?.startsWith('/_emulator/dns')) {
    response.end(JSON.stringify({ addresses: ['127.0.0.1'] }));
    return;
  }
  requests.push(`${request.method} ${request.url}`);
  response.writeHead(answer.status, { location: answer.location }).end();
};

const tls = makeTlsMaterial(randomBytes);
const aws: HttpServer = createServer(redirecting);
const azure: HttpServer = createTlsServer({ cert: tls.certificate, key: tls.privateKey }, redirecting);
let reached = 0;
const inside: Server = createTcpServer((socket) => {
  reached += 1;
  socket.destroy();
});
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
let egress: Egress;

beforeAll(async () => {
  for (const server of [aws, azure, inside])
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  egress = createEgress({
    mode: 'development',
    emulators: {
      aws: `http://127.0.0.1:${portOf(aws)}`,
      azure: { url: `https://127.0.0.1:${portOf(azure)}`, ca: tls.ca },
    },
  });
});
afterAll(async () => {
  egress.close();
  aws.closeAllConnections();
  azure.closeAllConnections();
  for (const server of [aws, azure, inside]) await new Promise((done) => server.close(done));
});
beforeEach(() => {
  requests.length = 0;
});

describe.each(SERVICE_NAMES)('%s', (service) => {
  test.each([300, 301, 302, 303, 307, 308])('a %i leads nowhere', async (status) => {
    const locations = [
      `http://127.0.0.1:${portOf(inside)}/`,
      `https://127.0.0.1:${portOf(inside)}/`,
      'http://169.254.169.254/latest/meta-data/',
      `//127.0.0.1:${portOf(inside)}/`,
      '/elsewhere',
    ];
    for (const location of locations) {
      answer = { status, location };
      expect(await endOf(SERVICES[service](egress))).not.toBe('succeeded');
    }
    expect(reached).toBe(0);
    expect(requests).toHaveLength(locations.length);
    expect(requests.filter((request) => request.includes('elsewhere'))).toEqual([]);
  });
});
