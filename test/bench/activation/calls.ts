import type { World } from './world';

type Counters = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What the emulator was asked while `work` ran: `kms:Decrypt ok` → how often. */
export async function callsOf({ aws }: World, work: () => Promise<unknown>): Promise<Map<string, number>> {
  const before = await read(aws);
  await work();
  const after = await read(aws);
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

async function read({ url, controlToken }: World['aws']): Promise<Counters> {
  const response = await fetch(`${url}/_emulator/counters`, {
    headers: { authorization: `Bearer ${controlToken}` },
    signal: AbortSignal.timeout(5_000),
  });
  return ((await response.json()) as { counters: Counters }).counters;
}
