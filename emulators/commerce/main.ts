import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endOnSignal } from '../loopback/run';
import { createCommerce } from './commerce';
import { openCommerceDoor } from './door';

const usage = `node --import tsx emulators/commerce/main.ts [--port N] [--state-dir DIR] [--token-file FILE] [--issuer URL]

Signs orders: POST /orders, GET /jwks.json. Prints one line of JSON when it listens.
Without --token-file a token is made and printed with it.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'state-dir': { type: 'string' },
      'token-file': { type: 'string' },
      issuer: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const tokenFile = values['token-file'];
  const token =
    tokenFile === undefined ? randomBytes(24).toString('base64url') : readFileSync(tokenFile, 'utf8').trim();
  const commerce = await createCommerce({
    ...(values['state-dir'] === undefined ? {} : { stateDir: values['state-dir'] }),
    ...(values.issuer === undefined ? {} : { issuer: values.issuer }),
  });
  const door = await openCommerceDoor(commerce, { port: Number(values.port ?? 0), token });
  console.log(JSON.stringify(tokenFile === undefined ? { url: door.url, token } : { url: door.url }));
  endOnSignal(() => door.close());
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
