import { Agent, type AgentOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';

export interface AgentTarget {
  /** The emulator's own URL. */
  readonly url: string;
  /** PEM; nothing else is trusted. */
  readonly ca: string;
  /** Absent: the control door is asked. */
  readonly resolves?: (host: string) => boolean | Promise<boolean>;
  /** Any address of 127.0.0.0/8, for vaults with a firewall. */
  readonly localAddress?: string;
}

/**
 * Takes a client to the emulator whatever cloud host its URL names, TLS and names checked as ever, without touching
 * the machine's trust, resolver or environment. A name that doesn't resolve fails with `ENOTFOUND`.
 */
export class EmulatorAgent extends Agent {
  readonly #target: AgentTarget;

  constructor(target: AgentTarget, options: AgentOptions = {}) {
    super({ keepAlive: true, ca: target.ca, ...options });
    this.#target = target;
  }

  override createConnection(
    options: AgentOptions & { host?: string; servername?: string },
    done: (error: Error | null, stream?: Duplex) => void,
  ): undefined {
    const { url, ca, resolves, localAddress } = this.#target;
    const host = options.servername ?? options.host ?? '';
    const known = resolves === undefined ? askDoor(url, ca, host) : Promise.resolve(resolves(host));
    known.then(
      (resolved) => {
        if (!resolved) {
          const message = `getaddrinfo ENOTFOUND ${host}`;
          done(
            Object.assign(new Error(message), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host }),
          );
          return;
        }
        done(
          null,
          connect({
            host: '127.0.0.1',
            port: Number(new URL(url).port),
            servername: host,
            ca,
            ...(localAddress === undefined ? {} : { localAddress }),
          }),
        );
      },
      (error: unknown) => done(error instanceof Error ? error : new Error('the emulator is not there')),
    );
    return undefined;
  }
}

function askDoor(url: string, ca: string, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const asked = request(
      {
        host: '127.0.0.1',
        port: target.port,
        servername: 'localhost',
        ca,
        agent: false,
        path: `/_emulator/dns?name=${host}`,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text.includes('127.0.0.1')));
      },
    );
    asked.on('error', reject).end();
  });
}
