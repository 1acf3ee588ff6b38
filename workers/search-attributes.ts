import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTE_TYPES } from '../workflows/contract';

/** @throws Error that names the missing ones: an unregistered search attribute jams every workflow that sets it. */
export async function checkSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(SEARCH_ATTRIBUTE_TYPES).filter((name) => !(name in customAttributes));
  if (missing.length > 0) {
    throw new Error(
      `register these search attributes in namespace ${namespace} first: ${missing.join(', ')}`,
    );
  }
}
