import type { ProviderName } from '../domain/custody';
import type { Prober } from '../domain/ports/prober';
import type { Provider, Verifier } from '../domain/ports/provider';

/** One provider for all connections: each goes to its own cloud's. */
export const routedProvider = (providers: Readonly<Record<ProviderName, Provider>>): Provider => ({
  wrap: async (connection, ...rest) => providers[connection.input.provider].wrap(connection, ...rest),
  unwrap: async (connection, ...rest) => providers[connection.input.provider].unwrap(connection, ...rest),
});

export const routedVerifier = (verifiers: Readonly<Record<ProviderName, Verifier>>): Verifier => ({
  verify: async (connection, ...rest) => verifiers[connection.input.provider].verify(connection, ...rest),
});

export const routedProber = (probers: Readonly<Record<ProviderName, Prober>>): Prober => ({
  probe: async (connection, ...rest) => probers[connection.input.provider].probe(connection, ...rest),
});
