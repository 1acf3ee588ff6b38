import { IamRefusal } from '../../emulators/aws/iam-client';

/** An account of the emulated AWS with its administrator's credentials. */
export async function seededAccount(
  emulator: { url: string; controlToken: string },
  wanted: { name: string; accountId: string },
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const response = await fetch(`${emulator.url}/_emulator/accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${emulator.controlToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(wanted),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the emulator refused to make account ${wanted.name}`);
  const { admin } = (await response.json()) as { admin: { accessKeyId: string; secretAccessKey: string } };
  return { accessKeyId: admin.accessKeyId, secretAccessKey: admin.secretAccessKey };
}

/** Waits for a call whose object may exist already. */
export async function unlessThere(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof IamRefusal) || error.code !== 'EntityAlreadyExists') throw error;
  });
}
