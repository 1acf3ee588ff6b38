import { NodeHttpHandler } from '@smithy/node-http-handler';
import { partitionOf } from '../../domain/intake/aws';
import type { EmulatorAgent, GuardedAgent } from './guarded-agent';
import { HostNotAllowed } from './host-not-allowed';
import { TransportFailed } from './transport-failed';

export type AwsService = 'kms' | 'sts' | 'secretsmanager' | 's3';

export interface Origin {
  readonly protocol: 'https:' | 'http:';
  readonly hostname: string;
  readonly port: number;
}

/**
 * Regional endpoints only: https://docs.aws.amazon.com/general/latest/gr/kms.html, …/gr/sts.html, …/gr/asm.html, …/gr/s3.html
 * @throws HostNotAllowed for a region that isn't on our list.
 */
export function awsOrigin(service: AwsService, region: string): Origin {
  const partition = partitionOf(region);
  if (partition === undefined) throw new HostNotAllowed();
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { protocol: 'https:', hostname: `${service}.${region}.${suffix}`, port: 443 };
}

/** @throws Error for anything but `http://127.0.0.1:PORT`. */
export function awsEmulatorOrigin(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url?.protocol !== 'http:' || url.hostname !== '127.0.0.1' || url.port === '' || !plain) {
    throw new Error('an emulator endpoint must be http://127.0.0.1:PORT');
  }
  return { protocol: 'http:', hostname: url.hostname, port: Number(url.port) };
}

export function urlOf({ protocol, hostname, port }: Origin): string {
  return protocol === 'https:' ? `${protocol}//${hostname}` : `${protocol}//${hostname}:${port}`;
}

/**
 * One origin's request handler. Node follows no redirects and knows no proxy; what is left to check is that the
 * SDK asks for exactly the origin that was computed. Shared by many clients, so no client may reconfigure or
 * end it.
 */
export class OneOriginHandler extends NodeHttpHandler {
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
