import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AwsConnection, awsConnectionInput, newConnection } from '../../../domain/connection';
import type { ConnectionId, KeyRef, OrganizationId } from '../../../domain/ids';
import { createAwsKmsProvider } from '../../../providers/aws-kms/provider';
import { fileIdentity } from '../../../providers/credentials/aws';
import { createEgress } from '../../../providers/egress/egress';
import { freePort } from '../../../scripts/parts/ports';
import { type Part, startPart } from '../../../scripts/parts/process';
import { awsCustomer, CUSTOMER_REGION } from '../../../scripts/story/aws-customer';
import { seededAccount } from '../../../scripts/story/emulated-account';
import { setUpOperatorAccount } from '../../../scripts/story/operator-account';
import { printedFor } from '../../../scripts/story/printed';
import { randomToken, secretFile } from '../../../scripts/story/secrets';
import { notReferenced } from '../../harness/no-references';

const ROOT = join(__dirname, '..', '..', '..');
const ACCOUNT = { name: 'bench', accountId: '111122223333' };
type Stoppable = Pick<Part, 'stop'>;

/** A customer at the emulated AWS, `latencyMs` away, set up as printed; and the reference's way to the same key. */
export async function awsSide(folder: string, parts: Stoppable[], latencyMs: number) {
  const cloud = await openAws(folder, parts, latencyMs);
  const { customer, ...side } = await cloud.organization(ACCOUNT);
  return {
    ...side,
    provider: cloud.provider,
    disableKey: () => customer.disableKey(),
    enableKey: () => customer.enableKey(),
    endpoint: cloud.url,
    region: CUSTOMER_REGION,
    /** The customer's administrator: whom the reference calls as. */
    credentials: await seededAccount(cloud, ACCOUNT),
  };
}

/** The emulated AWS, our account there and our provider; customers are added to it one by one. */
export async function openAws(folder: string, parts: Stoppable[], latencyMs: number) {
  const aws = await startEmulator(folder, parts, latencyMs);
  const operator = await setUpOperatorAccount(aws, folder);
  const egress = createEgress({ mode: 'development', emulators: { aws: aws.url } });
  parts.push({ stop: async () => egress.close() });
  const { arn: principalArn, file } = operator.principal;
  return {
    ...aws,
    provider: createAwsKmsProvider({
      egress,
      identity: fileIdentity(file),
      clock: Date.now,
      observe: () => undefined,
      processTag: 'bench',
      referencedOf: notReferenced,
    }),
    async organization(account: { readonly name: string; readonly accountId: string }) {
      const customer = await awsCustomer(aws, account);
      const organization = randomUUID() as OrganizationId;
      const externalId = randomBytes(16).toString('hex');
      await customer.setUp(printedFor({ organization, externalId, principalArn, clientId: null }));
      const input = awsConnectionInput.parse(customer.connection());
      const keyRef = customer.keyArn as KeyRef;
      const fresh = newConnection(randomUUID() as ConnectionId, organization, externalId, input);
      const connection: AwsConnection = { ...fresh, pinnedKeyRef: keyRef };
      return { organization, connection, keyRef, customer };
    },
  };
}

async function startEmulator(stateDir: string, parts: Stoppable[], latencyMs: number) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const tokenFile = join(stateDir, 'aws-control.token');
  const controlToken = secretFile(tokenFile, randomToken);
  const emulator = await startPart({
    name: 'aws-emulator',
    stateDir,
    command: process.execPath,
    args: [
      ...['--import', join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')],
      join(ROOT, 'emulators', 'aws', 'main.ts'),
      ...['--port', String(port), '--control-token-file', tokenFile, '--latency-ms', String(latencyMs)],
    ],
    env: { PATH: process.env['PATH'] ?? '', HOME: stateDir },
    cwd: ROOT,
    ready: async () => (await fetch(`${url}/_emulator/health`, { signal: AbortSignal.timeout(1_000) })).ok,
  });
  parts.push(emulator);
  return { url, controlToken };
}
