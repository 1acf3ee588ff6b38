import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import type { Resolve } from './guarded-agent';

/** An emulator of Azure on this machine, for development: it speaks TLS under an authority of its own. */
export interface AzureEmulator {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** PEM: the only authority that is trusted there, and nowhere else. */
  readonly ca: string;
}

/** @throws Error for anything but `https://127.0.0.1:PORT`. */
export function azureEmulatorPort(text: string): number {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const port = Number(url?.port);
  if (url === undefined || text !== `https://127.0.0.1:${url.port}` || port === 0) {
    throw new Error('an emulator endpoint of Azure must be https://127.0.0.1:PORT');
  }
  return port;
}

const answered = z.object({ addresses: z.array(z.literal('127.0.0.1')) });

/**
 * The emulator in a resolver's place, asked over TLS: it knows which vaults exist. A name without one fails as it
 * would with the real resolver, so a vault that was never there looks the same in development.
 */
export function emulatedResolve({ ca }: AzureEmulator, port: number): Resolve {
  return async (hostname) => {
    const path = `/_emulator/dns?name=${encodeURIComponent(hostname)}`;
    const { addresses } = answered.parse(JSON.parse(await textOf({ host: '127.0.0.1', port, path, ca })));
    if (addresses.length === 0) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return addresses.map((address) => ({ address, family: 4 }));
  };
}

function textOf(where: { host: string; port: number; path: string; ca: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest({ ...where, agent: false, rejectUnauthorized: true }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve(text));
      response.once('error', reject);
    });
    asked.once('error', reject).end();
  });
}
