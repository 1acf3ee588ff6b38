import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiNotUnderstood, ApiUnreachable, createClient } from '../../api/client';

let server: Server;
let url: string;
let answer: (path: string) => { status: number; headers?: Record<string, string>; body: string } | null;
beforeEach(async () => {
  server = createServer((request, response) => {
    const given = answer(request.url ?? '');
    if (given === null) return;
    response.writeHead(given.status, given.headers).end(given.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const client = (deadlineMs = 60_000) =>
  createClient({ url: `${url}/`, token: 'support-token-0123456789', deadlineMs });

test('every method ends when the server says nothing', async () => {
  answer = () => null;
  const methods = client(20) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const ends = Object.entries(methods).map(async ([name, call]) => {
    const item = name.endsWith('Batch') ? [] : new Uint8Array();
    const error = await call('acme', item, {}).catch((thrown: unknown) => thrown);
    expect([name, error]).toEqual([name, expect.any(ApiUnreachable)]);
    expect(error).toMatchObject({ why: 'deadline' });
  });
  expect(ends.length).toBeGreaterThan(20);
  await Promise.all(ends);
});

test('nobody there is said as such', async () => {
  const gone = createClient({ url: 'http://127.0.0.1:1', token: null });
  await expect(gone.ready()).rejects.toMatchObject({ why: 'connection' });
});

test('a redirect isn’t followed: the token goes nowhere else', async () => {
  const asked: string[] = [];
  answer = (path) => {
    asked.push(path);
    return { status: 302, headers: { location: `${url}/elsewhere` }, body: '' };
  };
  await expect(client().organizations()).rejects.toBeInstanceOf(ApiUnreachable);
  expect(asked).toEqual(['/v1/organizations']);
});

test.each([
  [200, '<html>'],
  [200, '{"organizations": "none"}'],
  [502, 'Bad Gateway'],
])('%s %s isn’t this API’s', async (status, body) => {
  answer = () => ({ status, body });
  await expect(client().organizations()).rejects.toBeInstanceOf(ApiNotUnderstood);
});
