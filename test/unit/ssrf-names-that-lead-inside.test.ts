import { createEgress } from '../../providers/egress/egress';
import type { Resolve } from '../../providers/egress/guarded-agent';
import { endOf, SERVICE_NAMES, SERVICES } from './ssrf/services';
import { type Sockets, watchSockets } from './ssrf/sockets';

/** Public, and never reached: the watch answers in the network's place. */
const PUBLIC = '20.50.2.1';
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1', '127.8.8.8', '::1'],
  'link-local, with the metadata services': ['169.254.169.254', 'fe80::1', 'fd00:ec2::254'],
  private: ['10.0.0.5', '172.16.0.1', '192.168.1.1', 'fc00::1'],
  'shared (CGNAT)': ['100.64.0.1', '100.127.255.254'],
  'IPv4 inside IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:20.50.2.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::127.0.0.1',
  ],
  'nowhere in particular': ['0.0.0.0', '::', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1'],
};
/** Only a vault's name is its owner's; the other hosts are the provider's, so it's a resolver of ours that leads them in. */
const REFUSED = {
  STS: 'OUR_DNS',
  // The bare client's error.
  KMS: 'HostNotAllowed',
  'Key Vault': 'HOST_NOT_ALLOWED',
  'Entra ID': 'OUR_DNS',
} as const;
const resolved = (...addresses: string[]) =>
  addresses.map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }));

let sockets: Sockets;
beforeAll(() => {
  sockets = watchSockets();
});
afterAll(() => sockets.restore());
beforeEach(() => sockets.clear());

describe.each(SERVICE_NAMES)('%s', (service) => {
  const call = async (resolve: Resolve, times = 1): Promise<string[]> => {
    const egress = createEgress({ mode: 'production', resolve });
    const ends: string[] = [];
    const end = () => sockets.during(() => endOf(SERVICES[service](egress)));
    for (let i = 0; i < times; i += 1) ends.push(await end());
    egress.close();
    return ends;
  };
  const refused = REFUSED[service];

  test.each(Object.entries(INSIDE))(
    'a name that leads to what is %s is refused unconnected',
    async (_kind, addresses) => {
      for (const address of addresses) {
        expect([address, ...(await call(async () => resolved(address)))]).toEqual([address, refused]);
        // One inside among public ones is enough, wherever it stands.
        expect(await call(async () => resolved(PUBLIC, address))).toEqual([refused]);
        expect(await call(async () => resolved(address, PUBLIC))).toEqual([refused]);
      }
      expect(sockets.connected).toEqual([]);
    },
  );

  test('DNS that answers differently from one moment to the next gets one question per connection', async () => {
    let asked = 0;
    const rebinding: Resolve = async () => resolved(asked++ % 2 === 0 ? PUBLIC : '127.0.0.1');
    const [first, ...others] = await call(rebinding, 4);
    // What was judged is what was connected to: the public answer went out, the inside one nowhere.
    expect(others).toEqual([refused, first, refused]);
    expect(first).toBe(service === 'KMS' ? 'TransportFailed' : 'NETWORK');
    expect(asked).toBe(4);
    expect(sockets.connected).toEqual([PUBLIC, PUBLIC]);
  });
});
