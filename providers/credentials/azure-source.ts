import type { AzureEmulator } from '../egress/azure-emulator';
import { certificateProof, managedIdentityProof, type ProveApp, tokenFileProof } from './azure-proof';
import { identityEndpoint, managedIdentity } from './managed-identity';

/** How an app registration of ours proves itself. None of them holds a secret of its own in the configuration. */
export type AzureAppSource =
  | { readonly kind: 'certificate'; readonly file: string }
  | { readonly kind: 'workload-identity'; readonly tokenFile: string }
  | { readonly kind: 'managed-identity'; readonly clientId: string | null };

export interface ProvingOptions {
  readonly emulator: AzureEmulator | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Makes a configured path absolute. */
  readonly path: (file: string) => string;
  /** Reads a file that its owner alone may read. */
  readonly secret: (file: string) => string;
}

/**
 * How apps of ours prove themselves, by their source.
 * @param all sources that are going to be asked for
 * @throws Error at start-up for a managed identity whose endpoint isn't this machine's.
 */
export function proving(
  { clock, env, emulator, path, secret }: ProvingOptions,
  all: readonly AzureAppSource[],
): (clientId: string, source: AzureAppSource) => ProveApp {
  const endpoint = all.some(({ kind }) => kind === 'managed-identity')
    ? identityEndpoint(env, emulator)
    : ({ kind: 'imds' } as const);
  return (clientId, source) => {
    switch (source.kind) {
      case 'certificate':
        return certificateProof({ clientId, pem: () => secret(source.file), clock });
      case 'workload-identity':
        return tokenFileProof(path(source.tokenFile));
      case 'managed-identity':
        return managedIdentityProof(managedIdentity(endpoint, source.clientId, clock));
      default: {
        const unknown: never = source;
        throw new Error(`unknown source ${String(unknown)}`);
      }
    }
  };
}
