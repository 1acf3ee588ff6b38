import type { HttpClient } from '@azure/core-rest-pipeline';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { isPublicAddress } from './address';
import { type AwsService, awsEmulatorOrigin, awsOrigin, OneOriginHandler, urlOf } from './aws';
import { isAzureHost, OneHostClient } from './azure';
import { type AzureEmulator, azureEmulatorPort, emulatedResolve } from './azure-emulator';
import { EmulatorAgent, GuardedAgent, type Resolve, systemResolve } from './guarded-agent';
import { HostNotAllowed } from './host-not-allowed';

export type EgressOptions =
  | { readonly mode: 'production'; readonly resolve?: Resolve }
  | {
      readonly mode: 'development';
      /** Emulators, e.g. `{ aws: 'http://127.0.0.1:4566' }`; a cloud without one is the real one. */
      readonly emulators: { readonly aws?: string; readonly azure?: AzureEmulator };
      readonly resolve?: Resolve;
    };

/** What a client of AWS's SDK is given: its endpoint, explicitly, and a handler that connects to that and nothing else. */
export interface Service {
  readonly endpoint: string;
  readonly requestHandler: NodeHttpHandler;
}

/** The same for Azure's: `httpClient` is an option of each client there. */
export interface AzureService {
  /** `https://<host>` */
  readonly endpoint: string;
  readonly httpClient: HttpClient;
}

/** The way out: every HTTP(S) request of a cloud SDK goes through here, and only to a host computed here. */
export interface Egress {
  /** @throws HostNotAllowed for a region that isn't on our list. */
  aws(service: AwsService, region: string): Service;
  /**
   * @param host `<vault>.<suffix>` or a sign-in host, of a cloud in `AZURE_CLOUDS`
   * @throws HostNotAllowed for any other.
   */
  azure(host: string): AzureService;
  /** What AWS's answers say of our clock: milliseconds to add to it before signing. Shared by all clients. */
  readonly clockOffset: { ms: number };
  /** The same rules on connections of its own, which no other caller has opened or will use. Close it. */
  isolated(): Egress;
  /** Closes idle connections and ends those in use. */
  close(): void;
}

/**
 * @throws Error at start-up for an emulator endpoint that isn't on a loopback address, or that is given outside
 * development.
 */
export function createEgress(options: EgressOptions): Egress {
  if (options.mode === 'production' && 'emulators' in options) {
    throw new Error('emulator endpoints are for development mode only');
  }
  const emulators = options.mode === 'development' ? options.emulators : {};
  const emulator = emulators.aws === undefined ? undefined : awsEmulatorOrigin(emulators.aws);
  const httpsAgent = new GuardedAgent(options.resolve ?? systemResolve, isPublicAddress);
  const httpAgent = new EmulatorAgent();
  const azureAgent = emulators.azure === undefined ? httpsAgent : emulatedAzure(emulators.azure);
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
    azure: (host) => {
      if (!isAzureHost(host)) throw new HostNotAllowed();
      return { endpoint: `https://${host}`, httpClient: new OneHostClient(host, azureAgent) };
    },
    clockOffset: { ms: 0 },
    isolated: () => createEgress(options),
    close: () => {
      httpsAgent.destroy();
      httpAgent.destroy();
      azureAgent.destroy();
    },
  };
}

/** Names lead to the emulator and to nothing else, and only its own authority is trusted: for Azure's hosts alone. */
function emulatedAzure(emulator: AzureEmulator): GuardedAgent {
  const port = azureEmulatorPort(emulator.url);
  const { ca } = emulator;
  return new GuardedAgent(emulatedResolve(emulator, port), (address) => address === '127.0.0.1', {
    ca,
    port,
  });
}

/** {@link createEgress} from what a configuration says. */
export const egressFor = (
  mode: 'production' | 'development',
  awsEmulator: string | null,
  azureEmulator: AzureEmulator | null = null,
): Egress =>
  mode === 'production'
    ? createEgress({ mode })
    : createEgress({
        mode,
        emulators: {
          ...(awsEmulator === null ? {} : { aws: awsEmulator }),
          ...(azureEmulator === null ? {} : { azure: azureEmulator }),
        },
      });
