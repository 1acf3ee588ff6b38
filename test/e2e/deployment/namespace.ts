import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { waitUntil } from '../../../scripts/parts/wait';
import { SEARCH_ATTRIBUTE_TYPES } from '../../../workflows/contract';
import { provided } from '../../harness/variables';

/** As in `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_VALUE_TYPE = { Keyword: 2, Datetime: 6 } as const;

export interface Namespace {
  readonly address: string;
  readonly name: string;
  readonly connection: Connection;
  /** Past the codec: what the Temporal CLI sends. */
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * A Temporal namespace of the caller's own on the run's server, with our search attributes: task queues have fixed
 * names, so this is what keeps one test's workers from another's work.
 */
export async function openNamespace(): Promise<Namespace> {
  const address = provided('temporal');
  const connection = await Connection.connect({ address });
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTE_TYPES).map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]),
  );
  try {
    await connection.withDeadline(Date.now() + 30_000, async () => {
      const { workflowService, operatorService } = connection;
      await workflowService.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: msToTs('1 day'),
      });
      // The server learns of a new namespace at its next look, some seconds at most.
      const isKnown = await waitUntil(async () => {
        await operatorService.addSearchAttributes({ namespace, searchAttributes });
        return true;
      }, 20_000);
      if (!isKnown) throw new Error('the new namespace was not taken up');
    });
  } catch (error) {
    await connection.close();
    throw error;
  }
  return {
    address,
    name: namespace,
    connection,
    client: new Client({ connection, namespace }),
    close: () => connection.close(),
  };
}
