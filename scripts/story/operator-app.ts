import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { makeAppCertificate } from '../../emulators/azure/app-certificate';
import { type AzureDoor, administration } from '../../emulators/azure/door-client';
import { secretFile } from './secrets';

/** The operator's side of the emulated Azure: its tenant, and the app that customers let into theirs. */
export interface OperatorApp {
  readonly tenantId: string;
  readonly clientId: string;
  /** Certificate and private key, PEM in one file: how the app proves that it is itself. */
  readonly certificateFile: string;
}

const TENANT = '99990000-1111-4222-8333-444455556666';
const APP = '99990000-1111-4222-8333-777788889999';
const DAY_MS = 86_400_000;

/** Idempotent: what's there stays. */
export async function setUpOperatorApp(door: AzureDoor, folder: string): Promise<OperatorApp> {
  const administer = administration(door);
  const certificateFile = join(folder, 'identities', 'smsk-app.pem');
  const pem = secretFile(certificateFile, certificateAndKey);
  await administer('POST tenants', { name: 'operator', tenantId: TENANT });
  await administer('POST apps', {
    name: 'Novantra workspace keys',
    tenantId: TENANT,
    appId: APP,
    multiTenant: true,
  });
  const certificate = new X509Certificate(pem).toString();
  await administer('POST apps/certificates', { appId: APP, certificate });
  return { tenantId: TENANT, clientId: APP, certificateFile };
}

function certificateAndKey(): string {
  const now = Date.now();
  return makeAppCertificate({
    commonName: 'novantra-workspace-keys',
    notBefore: now - DAY_MS,
    notAfter: now + 365 * DAY_MS,
  }).pem;
}
