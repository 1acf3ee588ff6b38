import { existsSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Configuration, Environment, Runtime } from './config';
import { codecKeys, createPayloadCodec, type SealContext } from './payload-codec';

type Profile = ReturnType<typeof loadClientConnectConfig>['connectionOptions'];

/** Where Temporal is and how to get in: the same for a client and a worker. */
export interface TemporalTarget {
  readonly namespace: string;
  readonly connection: Pick<Profile, 'address' | 'tls' | 'apiKey' | 'metadata'> & {
    readonly address: string;
  };
}

/**
 * The configuration's address, in plaintext; or, where it is `null`, the profile of Temporal's environment
 * configuration: `TEMPORAL_PROFILE` in `TEMPORAL_CONFIG_FILE`, and the `TEMPORAL_…` variables over it.
 * https://docs.temporal.io/develop/environment-configuration
 * @throws Error that names what to mend: a file that isn't there, an unknown profile or member, no address
 */
export function temporalTarget(
  { address, namespace }: Pick<Configuration['temporal'], 'address' | 'namespace'>,
  env: Environment,
): TemporalTarget {
  if (address !== null) return { namespace: namespace ?? DEFAULT_NAMESPACE, connection: { address } };
  const profile = profileOf(env);
  const { address: there, tls, apiKey, metadata } = profile.connectionOptions;
  if (there === undefined || there === '') {
    throw new Error(
      'temporal.address is null, so TEMPORAL_ADDRESS or the profile TEMPORAL_PROFILE of TEMPORAL_CONFIG_FILE must name one',
    );
  }
  return {
    namespace: namespace ?? profile.namespace ?? DEFAULT_NAMESPACE,
    connection: {
      address: there,
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
}

const DEFAULT_NAMESPACE = 'default';

function profileOf(env: Environment): ReturnType<typeof loadClientConnectConfig> {
  const file = env.TEMPORAL_CONFIG_FILE;
  // The loader takes a file that isn't there for an empty one, which would mean plaintext.
  if (file !== undefined && !existsSync(file)) throw new Error(`TEMPORAL_CONFIG_FILE: there is no ${file}`);
  const given = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(given), configFileStrict: true });
  } catch (error) {
    // The parser's message quotes the lines around its error, where an API key may be.
    if (error instanceof Error && 'codeblock' in error && 'line' in error)
      throw new Error(`Temporal’s configuration file isn’t TOML at line ${String(error.line)}`);
    throw error;
  }
}

/**
 * What payloads are sealed with, by the keys that the configuration names.
 * @throws Error that names the key that isn't of its form
 */
export function payloadSealing(
  { config, secret }: Pick<Runtime, 'config' | 'secret'>,
  random: SealContext['random'],
): SealContext {
  const keys = config.temporal.codec.keys.map(({ id, file }) => ({ id, secret: secret(file) }));
  return { keys: codecKeys(keys), deployment: config.deployment, random };
}

/** The data converter of every client and every worker. */
export const dataConverter = (sealing: SealContext): DataConverter => ({
  payloadCodecs: [createPayloadCodec(sealing)],
});

/** A client for a process that works without Temporal too: connects at the first call, and again after a loss. */
export function temporalLazily({ connection, namespace }: TemporalTarget, sealing: SealContext): Client {
  return new Client({
    connection: Connection.lazy({ ...connection, connectTimeout: '10s' }),
    namespace,
    dataConverter: dataConverter(sealing),
  });
}
