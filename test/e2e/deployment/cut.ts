import { connect, createServer, type Server, type Socket } from 'node:net';

/** A wire to one of our own servers that a test may cut, and mend: to whoever is at its end, that server is down. */
export class Wire {
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  private constructor(
    private readonly host: string,
    private readonly target: number,
  ) {}

  /** @param address host and port */
  static async to(address: string): Promise<Wire> {
    const { hostname, port } = new URL(`tcp://${address}`);
    const wire = new Wire(hostname, Number(port));
    await wire.mend();
    return wire;
  }

  /** Where to connect instead. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async mend(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer((near) => {
      const far = connect(this.target, this.host);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => undefined);
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    this.#port = bound.port;
    this.#server = server;
  }
}
