import { AsyncLocalStorage } from 'node:async_hooks';
import { Socket } from 'node:net';

/** What libuv answers for a refused connection. */
const UV_ECONNREFUSED = -111;

type Connect = (request: unknown, address: string, ...rest: unknown[]) => number;
type Handle = Record<'connect' | 'connect6', Connect>;

/**
 * Everything that watched work tried to connect to. The process isn't the test's alone: jest runs file after file in
 * it, and what an earlier one left (a gRPC channel closed while it waits to connect again, say) still connects.
 */
export interface Sockets {
  /** Host names and ports that connections were asked for, in order: `kms.eu-central-1.amazonaws.com:443`. */
  readonly asked: string[];
  /** Addresses that the operating system was asked to connect to. */
  readonly connected: string[];
  /** Watches `work` and whatever comes of it. */
  during<T>(work: () => T): T;
  clear(): void;
  restore(): void;
}

/**
 * Stands between Node's sockets and the operating system: notes each connection of watched work, and lets none out
 * that doesn't go to loopback.
 */
export function watchSockets(): Sockets {
  const asked: string[] = [];
  const connected: string[] = [];
  const watched = new AsyncLocalStorage<true>();
  const original = Socket.prototype.connect;
  function connect(this: Socket, ...args: unknown[]): Socket {
    if (watched.getStore() === undefined) return Reflect.apply(original, this, args) as Socket;
    asked.push(targetOf(args));
    const socket = Reflect.apply(original, this, args) as Socket;
    const handle = (this as unknown as { _handle: Handle | null })._handle;
    if (handle === null) return socket;
    for (const name of ['connect', 'connect6'] as const) {
      const send = handle[name];
      handle[name] = (request, address, ...rest) => {
        connected.push(address);
        const isLoopback = address === '127.0.0.1' || address === '::1';
        return isLoopback ? Reflect.apply(send, handle, [request, address, ...rest]) : UV_ECONNREFUSED;
      };
    }
    return socket;
  }
  Socket.prototype.connect = connect as typeof original;
  return {
    asked,
    connected,
    during: (work) => watched.run(true, work),
    clear: () => {
      asked.length = 0;
      connected.length = 0;
    },
    restore: () => {
      Socket.prototype.connect = original;
    },
  };
}

/** The options, however they were passed: `net` itself passes them normalized, as an array in the first place. */
function targetOf(args: readonly unknown[]): string {
  const [first] = args;
  const options = (Array.isArray(first) ? first[0] : first) as Record<string, unknown> | number | string;
  if (typeof options !== 'object') return args.slice(0, 2).map(String).join(' ');
  return `${String(options.path ?? options.host)}:${String(options.port)}`;
}
