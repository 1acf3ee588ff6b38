import { OneOriginHandler, type Origin } from './aws';
import type { Service } from './egress';
import { EmulatorAgent, GuardedAgent, systemResolve } from './guarded-agent';

/** A service of the operator's own, at an address that the configuration names. */
export interface OwnEndpoint {
  /** `https://HOST` or `https://HOST:PORT` */
  readonly url: string;
  /** PEM: the only authority that is trusted there; `null`: those that Node was built with. */
  readonly ca: string | null;
}

/**
 * The way to it, and to nothing else. It may have a private address, because the operator chose it; TLS it must speak.
 * @throws Error for anything but an https origin
 */
export function ownEndpoint({ url, ca }: OwnEndpoint): Service {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:' || parsed.origin !== url)
    throw new Error('an endpoint of your own must be like https://objects.example.com:9000');
  const port = parsed.port === '' ? 443 : Number(parsed.port);
  const origin: Origin = { protocol: 'https:', hostname: parsed.hostname, port };
  const agent = new GuardedAgent(systemResolve, () => true, ca === null ? undefined : { ca, port });
  return { endpoint: url, requestHandler: new OneOriginHandler(origin, agent, new EmulatorAgent()) };
}
