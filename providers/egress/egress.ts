import { NodeHttpHandler } from '@smithy/node-http-handler';
import { partitionOf } from '../../domain/intake/aws';
import { isPublicAddress } from './address';
import { EmulatorAgent, GuardedAgent, type Resolve, systemResolve } from './guarded-agent';
import { HostNotAllowed } from './host-not-allowed';
import { TransportFailed } from './transport-failed';

export type EgressOptions =
  | { readonly mode: 'production'; readonly resolve?: Resolve }
  | {
      readonly mode: 'development';
      /** Base URLs of emulators, e.g. `{ aws: 'http://127.0.0.1:4566' }`; a cloud without one is the real one. */
      readonly emulators: { readonly aws?: string };
      readonly resolve?: Resolve;
    };

/** What an SDK client is given: its endpoint, explicitly, and a handler that connects to that and nothing else. */
export interface Service {
  readonly endpoint: string;
  readonly requestHandler: NodeHttpHandler;
}

/** The way out: every HTTP(S) request of a cloud SDK goes through here, and only to a host computed here. */
export interface Egress {
  /** @throws HostNotAllowed for a region that isn't on our list. */
  aws(service: AwsService, region: string): Service;
  /** What AWS's answers say of our clock: milliseconds to add to it before signing. Shared by all clients. */
  readonly clockOffset: { ms: number };
  /** The same rules on connections of its own, which no other caller has opened or will use. Close it. */
  isolated(): Egress;
  /** Closes idle connections and ends those in use. */
  close(): void;
}
export type AwsService = 'kms' | 'sts';

interface Origin {
  readonly protocol: 'https:' | 'http:';
  readonly hostname: string;
  readonly port: number;
}

/**
 * @throws Error at start-up for an emulator endpoint that isn't `http://` on a loopback address, or that is given
 * outside development.
 */
export function createEgress(options: EgressOptions): Egress {
  if (options.mode === 'production' && 'emulators' in options) {
    throw new Error('emulator endpoints are for development mode only');
  }
  const emulator =
    options.mode === 'development' && options.emulators.aws !== undefined
      ? emulatorOrigin(options.emulators.aws)
      : undefined;
  const httpsAgent = new GuardedAgent(options.resolve ?? systemResolve, isPublicAddress);
  const httpAgent = new EmulatorAgent();
  const handlers = new Map<string, Service>();
  return {
    aws: (service, region) => {
      const origin = emulator ?? awsOrigin(service, region);
      const endpoint = urlOf(origin);
      const known = handlers.get(endpoint);
      if (known !== undefined) return known;
      const made = { endpoint, requestHandler: new OneOriginHandler(origin, httpsAgent, httpAgent) };
      handlers.set(endpoint, made);
      return made;
    },
    clockOffset: { ms: 0 },
    isolated: () => createEgress(options),
    close: () => {
      httpsAgent.destroy();
      httpAgent.destroy();
    },
  };
}

/** {@link createEgress} from what a configuration says. */
export const egressFor = (mode: 'production' | 'development', awsEmulator: string | null): Egress =>
  mode === 'production'
    ? createEgress({ mode })
    : createEgress({ mode, emulators: awsEmulator === null ? {} : { aws: awsEmulator } });

/** Regional endpoints only: https://docs.aws.amazon.com/general/latest/gr/kms.html, …/gr/sts.html */
function awsOrigin(service: AwsService, region: string): Origin {
  const partition = partitionOf(region);
  if (partition === undefined) throw new HostNotAllowed();
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { protocol: 'https:', hostname: `${service}.${region}.${suffix}`, port: 443 };
}

function emulatorOrigin(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url?.protocol !== 'http:' || url.hostname !== '127.0.0.1' || url.port === '' || !plain) {
    throw new Error('an emulator endpoint must be http://127.0.0.1:PORT');
  }
  return { protocol: 'http:', hostname: url.hostname, port: Number(url.port) };
}

function urlOf({ protocol, hostname, port }: Origin): string {
  return protocol === 'https:' ? `${protocol}//${hostname}` : `${protocol}//${hostname}:${port}`;
}

/**
 * One origin's request handler. Node follows no redirects and knows no proxy; what is left to check is that the
 * SDK asks for exactly the origin that was computed. Shared by many clients, so no client may reconfigure or
 * end it.
 */
class OneOriginHandler extends NodeHttpHandler {
  readonly #origin: Origin;

  constructor(origin: Origin, httpsAgent: GuardedAgent, httpAgent: EmulatorAgent) {
    super({ httpsAgent, httpAgent });
    this.#origin = origin;
  }

  override async handle(
    ...args: Parameters<NodeHttpHandler['handle']>
  ): ReturnType<NodeHttpHandler['handle']> {
    const [request] = args;
    const { protocol, hostname, port } = this.#origin;
    const asked = request.port ?? (request.protocol === 'https:' ? 443 : 80);
    const exact = request.protocol === protocol && request.hostname === hostname && asked === port;
    if (!exact || request.username !== undefined || request.password !== undefined)
      throw new HostNotAllowed();
    try {
      return await super.handle(...args);
    } catch (raw) {
      if (raw instanceof HostNotAllowed || (raw instanceof Error && raw.name === 'AbortError')) throw raw;
      throw new TransportFailed(raw);
    }
  }

  override updateHttpClientConfig(): void {}

  override destroy(): void {}
}
