import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { createEgress, type Egress } from '../../providers/egress/egress';
import { COMPUTED, callsOf } from './ssrf/callers';
import { HOSTILE } from './ssrf/corpus';
import { AWS, AZURE, inputWith, shown, typed } from './ssrf/input';
import { type Sockets, watchSockets } from './ssrf/sockets';

/** Public, and never reached: the watch answers in the network's place. */
const PUBLIC = '20.50.2.1';

let reached = 0;
const inside = createServer((socket) => {
  reached += 1;
  socket.destroy();
});
const resolved: string[] = [];
let egress: Egress;
let sockets: Sockets;
let port = 0;

beforeAll(async () => {
  await new Promise<void>((done) => inside.listen(0, done));
  port = (inside.address() as AddressInfo).port;
  const resolve = async (hostname: string) => {
    resolved.push(hostname);
    return [{ address: PUBLIC, family: 4 as const }];
  };
  egress = createEgress({ mode: 'production', resolve });
  sockets = watchSockets();
});
afterAll(async () => {
  sockets.restore();
  egress.close();
  await new Promise((done) => inside.close(done));
});
beforeEach(() => {
  sockets.clear();
  resolved.length = 0;
});

const outcomes = (calls: readonly (() => Promise<unknown>)[]): Promise<PromiseSettledResult<unknown>[]> =>
  sockets.during(() => Promise.allSettled(calls.map((call) => Promise.resolve().then(call))));

test('the watch sees what good connections lead to, and nothing is missed', async () => {
  await outcomes([...callsOf(egress, AWS), ...callsOf(egress, AZURE)]);
  expect(new Set(sockets.asked)).toEqual(new Set(COMPUTED));
  expect(new Set(sockets.connected)).toEqual(new Set([PUBLIC]));
  expect(new Set(resolved.map((name) => `${name}:443`))).toEqual(new Set(COMPUTED));
});

test('the watch sees a connection that goes where it shouldn’t', async () => {
  await sockets.during(() => fetchBlindly(`http://127.0.0.1:${port}/`));
  expect(sockets.connected).toEqual(['127.0.0.1']);
  expect(reached).toBe(1);
  reached = 0;
});

test.each(HOSTILE.map((entry) => ({ ...entry, entry, name: shown(entry.text) })))(
  'past the grammar, $field, $label: $name',
  async ({ entry }) => {
    const text = typed(entry, port);
    const ended = await outcomes(callsOf(egress, inputWith(entry, text)));
    expect(ended.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    // Whatever was asked for is a host that we computed; nothing of the entry is in it.
    expect([...new Set(sockets.asked)].filter((target) => !COMPUTED.includes(target))).toEqual([]);
    expect(sockets.connected.filter((address) => address !== PUBLIC)).toEqual([]);
    expect(reached).toBe(0);
    // Nor is the entry in what is thrown.
    const thrown = ended.map((one) => (one.status === 'rejected' ? `${one.reason}` : ''));
    if (text.length > 12) expect(thrown.filter((words) => words.includes(text))).toEqual([]);
  },
);

/** What a service without an egress of this kind would do. */
async function fetchBlindly(url: string): Promise<void> {
  await new Promise<void>((done) => {
    get(url, { agent: false })
      .on('error', () => done())
      .on('response', () => done());
  });
}
