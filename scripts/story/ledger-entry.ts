import type { Client } from '../../api/client';
import type { ChangeType } from '../../domain/change';

/** Position of the newest entry of a type in the organization's ledger, or `null`. */
export async function newestEntry(client: Client, org: string, type: ChangeType): Promise<number | null> {
  let newest: number | null = null;
  for (let from: number | null = 0; from !== null; ) {
    const page: Awaited<ReturnType<Client['ledger']>> = await client.ledger(org, from, 100);
    for (const { index, entry } of page.entries) {
      if ((JSON.parse(entry) as { type: string }).type === type) newest = index;
    }
    from = page.next;
  }
  return newest;
}
