import type { FaultInput } from '../../emulators/aws/faults';
import type { Emulators } from './customer';

/** Has the emulated AWS fail from now on. @returns what ends it */
export async function awsFails(
  { aws }: Pick<Emulators, 'aws'>,
  fault: FaultInput,
): Promise<() => Promise<void>> {
  const ask = async (method: string, path: string, body: object | null): Promise<{ id?: string }> => {
    const response = await fetch(`${aws.url}/_emulator/${path}`, {
      method,
      headers: { authorization: `Bearer ${aws.controlToken}`, 'content-type': 'application/json' },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the emulator refused ${method} ${path}`);
    return (await response.json()) as { id?: string };
  };
  const { id = '' } = await ask('POST', 'faults', fault);
  return async () => {
    await ask('DELETE', `faults?id=${id}`, null);
  };
}
