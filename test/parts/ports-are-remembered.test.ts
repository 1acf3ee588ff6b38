import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePorts, freePort } from '../../scripts/parts/ports';

let stateDir: string;
const servers: Server[] = [];
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'ports-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(stateDir, { recursive: true, force: true });
});

async function take(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a free wanted port is taken', async () => {
  const wanted = await freePort();
  expect(await choosePorts(stateDir, { api: wanted })).toEqual({ api: wanted });
});

test('a taken wanted port is left for another, which is remembered', async () => {
  const taken = await take();
  const { api } = await choosePorts(stateDir, { api: taken });
  expect(api).not.toBe(taken);
  expect(await choosePorts(stateDir, { api: taken })).toEqual({ api });
});

test('two names that want the same port get two', async () => {
  const wanted = await freePort();
  const { one, other } = await choosePorts(stateDir, { one: wanted, other: wanted });
  expect(one).toBe(wanted);
  expect(other).not.toBe(wanted);
});

test('an unreadable memory is no memory', async () => {
  writeFileSync(join(stateDir, 'ports.json'), '{"api": 99');
  const wanted = await freePort();
  expect(await choosePorts(stateDir, { api: wanted })).toEqual({ api: wanted });
});
