import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { isUp } from '../../emulators/azure/door-client';

/** Whether a part can be used: each rejects, or answers false, until it can. */

export async function answers(address: string): Promise<boolean> {
  const response = await fetch(address, { signal: AbortSignal.timeout(1000) });
  return response.ok;
}

/** With the authority that it made itself. */
export async function answersByTls(url: string, caFile: string): Promise<boolean> {
  return existsSync(caFile) && isUp({ url, ca: readFileSync(caFile, 'utf8') });
}

/** Any answer will do: the signer's door says nothing to whoever has no token. */
export function answersOnSocket(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: '/', timeout: 1000 }, (response) => {
      response.resume();
      resolve(true);
    });
    asking.once('error', () => resolve(false));
    asking.once('timeout', () => asking.destroy());
    asking.end();
  });
}
