import type { Client } from '../../api/client';
import type { ChangeType } from '../../domain/change';

/** Positions of the entries of a type in the organization's ledger, the oldest first. @param isIt judges what it says */
export async function entriesOf(
  client: Client,
  org: string,
  type: ChangeType,
  isIt: (body: Readonly<Record<string, unknown>>) => boolean = () => true,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const page: Awaited<ReturnType<Client['ledger']>> = await client.ledger(org, from, 100);
    for (const { index, entry } of page.entries) {
      const said = JSON.parse(entry) as { type: string; body: Readonly<Record<string, unknown>> };
      if (said.type === type && isIt(said.body)) found.push(index);
    }
    from = page.next;
  }
  return found;
}

/** Position of the newest entry of a type in the organization's ledger, or `null`. */
export const newestEntry = async (client: Client, org: string, type: ChangeType): Promise<number | null> =>
  (await entriesOf(client, org, type)).at(-1) ?? null;
