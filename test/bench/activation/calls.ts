import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { json } from 'node:stream/consumers';
import type { World } from './world';

type Counters = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What the emulators were asked while `work` ran: `kms:Decrypt ok`, `vault:KeyWrap ok` → how often. */
export async function callsOf(world: World, work: () => Promise<unknown>): Promise<Map<string, number>> {
  const before = await read(world);
  await work();
  const after = await read(world);
  const calls = new Map<string, number>();
  for (const [operation, outcomes] of Object.entries(after)) {
    for (const [outcome, count] of Object.entries(outcomes)) {
      const more = count - (before[operation]?.[outcome] ?? 0);
      if (more > 0) calls.set(`${operation} ${outcome}`, more);
    }
  }
  return calls;
}

/** @throws Error that names what differs: then the reference isn't doing what the product does. */
export function demandSameCalls(ours: Map<string, number>, bare: Map<string, number>): void {
  const differ = [...new Set([...ours.keys(), ...bare.keys()])].filter(
    (key) => ours.get(key) !== bare.get(key),
  );
  if (differ.length === 0) return;
  const lines = differ.map((key) => `${key}: ours ${ours.get(key) ?? 0}, bare ${bare.get(key) ?? 0}`);
  throw new Error(`the reference doesn’t make the same provider calls: ${lines.join('; ')}`);
}

/** Of both emulators: their services have names of their own. */
async function read({ aws, azure }: World): Promise<Counters> {
  const [atAws, atAzure] = await Promise.all([readAws(aws), readAzure(azure)]);
  return { ...atAws.counters, ...atAzure.counters };
}

interface Answered {
  readonly counters: Counters;
}

async function readAws({ url, controlToken }: World['aws']): Promise<Answered> {
  const response = await fetch(`${url}/_emulator/counters`, {
    headers: { authorization: `Bearer ${controlToken}` },
    signal: AbortSignal.timeout(5_000),
  });
  return (await response.json()) as Answered;
}

/** `fetch` can't be told whom to trust. */
async function readAzure({ url, ca, controlToken }: World['azure']): Promise<Answered> {
  const headers = { authorization: `Bearer ${controlToken}` };
  const signal = AbortSignal.timeout(5_000);
  const asked = get(`${url}/_emulator/counters`, { headers, ca, agent: false, signal });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return (await json(response)) as Answered;
}
