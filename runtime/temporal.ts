import { Client, Connection } from '@temporalio/client';
import type { Configuration } from './config';

/** A client of the Temporal service the configuration names. Every call of it has a deadline of its caller. */
export async function connectTemporal(config: Configuration['temporal']): Promise<Client> {
  const connection = await Connection.connect({
    address: config.address ?? 'localhost:7233',
    connectTimeout: '10s',
  });
  return new Client({ connection, namespace: config.namespace });
}

/** The same for a process that works without Temporal too: connects at the first call, and again after a loss. */
export function temporalLazily(config: Configuration['temporal']): Client {
  const connection = Connection.lazy({ address: config.address ?? 'localhost:7233', connectTimeout: '10s' });
  return new Client({ connection, namespace: config.namespace });
}
