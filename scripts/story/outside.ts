import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allOf } from './all-of';
import { answers, answersByTls } from './answers';
import type { Emulators } from './customer';
import { randomToken, secretFile } from './secrets';
import type { Starter } from './starter';

/** What a real deployment finds already there: the clouds and the commerce system. */
export interface Outside extends Emulators {
  readonly commerce: { readonly url: string; readonly token: string };
  /** The authority that the emulated Azure's certificate is from. */
  readonly azureCaFile: string;
}

/** Each in a process of its own, with its state below `stateDir`, its token in `folder`. */
export async function startOutside(
  starter: Starter,
  stateDir: string,
  folder: string,
  ports: { readonly aws: number; readonly azure: number; readonly commerce: number },
): Promise<Outside> {
  const tokenIn = (file: string) => secretFile(join(folder, file), randomToken);
  const controlled = (file: string) => ['--control-token-file', join(folder, file)];
  const start = (name: string, what: string, port: number, token: string[], ready: () => Promise<boolean>) =>
    starter.program(
      name,
      `emulators/${what}/main.ts`,
      ['--port', String(port), '--state-dir', join(stateDir, what), ...token],
      ready,
    );
  const aws = { url: `http://127.0.0.1:${ports.aws}`, controlToken: tokenIn('aws-control.token') };
  const azure = { url: `https://127.0.0.1:${ports.azure}`, controlToken: tokenIn('azure-control.token') };
  const commerce = { url: `http://127.0.0.1:${ports.commerce}`, token: tokenIn('commerce.token') };
  const azureCaFile = join(stateDir, 'azure', 'ca.pem');
  await allOf([
    start('aws-emulator', 'aws', ports.aws, controlled('aws-control.token'), () =>
      answers(`${aws.url}/_emulator/health`),
    ),
    start('azure-emulator', 'azure', ports.azure, controlled('azure-control.token'), () =>
      answersByTls(azure.url, azureCaFile),
    ),
    start('commerce', 'commerce', ports.commerce, ['--token-file', join(folder, 'commerce.token')], () =>
      answers(`${commerce.url}/health`),
    ),
  ]);
  return { aws, azure: { ...azure, ca: readFileSync(azureCaFile, 'utf8') }, azureCaFile, commerce };
}

/** Its public keys, as an operator is given them. */
export async function issuerKeys(commerceUrl: string) {
  const response = await fetch(`${commerceUrl}/jwks.json`, { signal: AbortSignal.timeout(5000) });
  const { keys } = (await response.json()) as {
    keys: { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; 'smsk:mode': string }[];
  };
  return keys.map(({ kty, crv, x, kid, 'smsk:mode': mode }) => ({ kty, crv, x, kid, 'smsk:mode': mode }));
}
