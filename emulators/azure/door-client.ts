import { request } from 'node:https';
import type { ActionInput, ActionName, ActionResult } from './administration/actions';

/** A running emulator, as whoever holds its control token reaches it. */
export interface AzureDoor {
  /** `https://localhost:<port>` */
  readonly url: string;
  /** PEM of the authority its certificate is from. */
  readonly ca: string;
  readonly controlToken: string;
}

/** `administer` of the emulator, from another process. @throws Error with the door's words */
export type Administer = <Name extends ActionName>(
  route: Name,
  input: ActionInput<Name>,
) => Promise<ActionResult<Name>>;

const WITHIN_MS = 10_000;

export function administration(door: AzureDoor): Administer {
  return async (route, input) => {
    const [method = '', path = ''] = route.split(' ');
    const { status, text } = await askDoor(door, method, path, JSON.stringify(input));
    if (status !== 200) throw new Error(`the emulator refused ${route}: ${text}`);
    return JSON.parse(text);
  };
}

/** Whether it listens. */
export async function isUp(door: Pick<AzureDoor, 'url' | 'ca'>): Promise<boolean> {
  return (await askDoor({ ...door, controlToken: '' }, 'GET', 'health', '')).status === 200;
}

function askDoor(
  { url, ca, controlToken }: AzureDoor,
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${controlToken}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    };
    const signal = AbortSignal.timeout(WITHIN_MS);
    const asking = request(`${url}/_emulator/${path}`, { method, headers, ca, agent: false, signal });
    asking.once('error', reject);
    asking.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.end(body);
  });
}
