import { promises as dns } from 'node:dns';
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { HostNotAllowed } from './host-not-allowed';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}
/** All addresses of a host name, in the order to try. Rejects with an errno error when there is none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export const systemResolve: Resolve = async (hostname) =>
  (await dns.lookup(hostname, { all: true, verbatim: false })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/**
 * The lookup that `net.connect` itself uses, so there is no second resolution to rebind between the check and
 * the connection. One address that isn't allowed refuses the name whole: a public name that leads inside is an
 * attack, not a choice.
 */
function checkedLookup(resolve: Resolve, allows: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => allows(address))) {
          callback(new HostNotAllowed(), '', 0);
        } else if (options.all === true) {
          callback(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          );
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

/** The address that was really connected is judged once more: the last word, whatever resolved the name. */
function checkConnected(socket: Duplex | null | undefined, allows: (address: string) => boolean): void {
  const connecting = socket as Socket | null | undefined;
  connecting?.once('connect', () => {
    if (!allows(connecting.remoteAddress ?? '')) connecting.destroy(new HostNotAllowed());
  });
}

/**
 * Idle connections are dropped by us before a provider's side drops them: a request on a connection that the
 * other end has just closed fails, and nothing here retries.
 */
const IDLE_MS = 20_000;
/**
 * Calls in flight to one host; more of them wait. All organizations of a region share its host, so this must not be what
 * bounds one whose key hangs: its groups do (two in flight; `cipher/group.ts`).
 */
const MAX_SOCKETS = 4_096;

export const CONNECTIONS: AgentOptions = {
  keepAlive: true,
  keepAliveMsecs: 10_000,
  maxSockets: MAX_SOCKETS,
  maxFreeSockets: 64,
  scheduling: 'lifo',
};

const trusting = (ca: string[]): SecureContext => createSecureContext({ ca, minVersion: 'TLSv1.2' });

let shared: SecureContext | undefined;
/**
 * Read once: as a `ca` option the certificates would be parsed anew for each connection (16 ms), and become part of
 * the name by which the agent looks up connections, for each request.
 */
function builtInRoots(): SecureContext {
  shared ??= trusting([...rootCertificates]);
  return shared;
}

/** Where an emulator that speaks TLS listens on this machine, and the one authority (PEM) that is trusted there. */
export interface Emulated {
  readonly port: number;
  readonly ca: string;
}

/**
 * HTTPS with TLS ≥ 1.2 against the root certificates that Node was built with: neither `NODE_EXTRA_CA_CERTS` nor
 * `NODE_TLS_REJECT_UNAUTHORIZED` can make it trust somebody else.
 */
export class GuardedAgent extends HttpsAgent {
  readonly #allows: (address: string) => boolean;
  readonly #emulator: Emulated | undefined;

  constructor(resolve: Resolve, allows: (address: string) => boolean, emulator?: Emulated) {
    super({
      ...CONNECTIONS,
      lookup: checkedLookup(resolve, allows),
      secureContext: emulator === undefined ? builtInRoots() : trusting([emulator.ca]),
      rejectUnauthorized: true,
    });
    this.#allows = allows;
    this.#emulator = emulator;
  }

  override createConnection(
    ...args: Parameters<HttpsAgent['createConnection']>
  ): ReturnType<HttpsAgent['createConnection']> {
    const [options, connected] = args;
    const port = this.#emulator?.port;
    const socket = super.createConnection(port === undefined ? options : { ...options, port }, connected);
    checkConnected(socket, this.#allows);
    return socket;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    return idle(socket, super.keepSocketAlive(socket) as unknown);
  }

  override reuseSocket(socket: Duplex, request: Parameters<HttpsAgent['reuseSocket']>[1]): void {
    (socket as Socket).setTimeout(0);
    super.reuseSocket(socket, request);
  }
}

/** Plain HTTP to an emulator on this machine. */
export class EmulatorAgent extends HttpAgent {
  constructor() {
    super(CONNECTIONS);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    return idle(socket, super.keepSocketAlive(socket) as unknown);
  }

  override reuseSocket(socket: Duplex, request: Parameters<HttpAgent['reuseSocket']>[1]): void {
    (socket as Socket).setTimeout(0);
    super.reuseSocket(socket, request);
  }
}

function idle(socket: Duplex, kept: unknown): boolean {
  if (kept !== true) return false;
  (socket as Socket).setTimeout(IDLE_MS);
  return true;
}
