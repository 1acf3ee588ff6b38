import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { createWorkspaceCipher, systemClock, type WorkspaceCipher } from '../../../cipher';
import type { DeploymentId, Epoch, KeyRef, OrganizationId } from '../../../domain/ids';
import { awsKeyPolicy, awsRolePolicy, awsTrustPolicy } from '../../../domain/set-up/aws';
import { openSigner } from '../../../ledger/signer';
import { createSignerKeys } from '../../../ledger/signer-keys';
import { migrate } from '../../../prisma/migrate';
import { createAwsKmsProvider } from '../../../providers/aws-kms/provider';
import { fileIdentity } from '../../../providers/credentials/aws';
import { createEgress } from '../../../providers/egress/egress';
import { provideApplicationLogin } from '../../../scripts/parts/application-login';
import { freePort } from '../../../scripts/parts/ports';
import { startPostgres } from '../../../scripts/parts/postgres';
import { type Part, startPart } from '../../../scripts/parts/process';
import { type AwsCustomer, awsCustomer, CUSTOMER_REGION } from '../../../scripts/story/aws-customer';
import { seededAccount } from '../../../scripts/story/emulated-account';
import { setUpOperatorAccount } from '../../../scripts/story/operator-account';
import { randomToken, secretFile } from '../../../scripts/story/secrets';
import { createStore } from '../../../store';
import { CustodySigner } from '../../fakes/cipher/custody-signer';
import { organizationRows } from '../../fakes/cipher/organization';
import { notReferenced } from '../../harness/no-references';
import { inFolder } from '../folder';
import { insertOrganization } from './rows';

const ROOT = join(__dirname, '..', '..', '..');
/** Of each call, in the emulator. */
const LATENCY_MS = 10;
const ACCOUNT = { name: 'bench', accountId: '111122223333' };
type Stoppable = Pick<Part, 'stop'>;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** Our cipher on its real parts: durable PostgreSQL, and the emulator in a process of its own, 10 ms away. */
export interface CipherBenchWorld {
  readonly organization: OrganizationId;
  readonly customer: AwsCustomer;
  readonly endpoint: string;
  readonly region: string;
  /** The customer's administrator: whom the reference calls as. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  cipher(coalesce: 'on' | 'off'): WorkspaceCipher;
}

export function withCipherWorld<T>(use: (world: CipherBenchWorld) => Promise<T>): Promise<T> {
  return inFolder(async (folder, parts) => use(await open(folder, parts)));
}

async function open(folder: string, parts: Stoppable[]): Promise<CipherBenchWorld> {
  const postgres = await startPostgres({ stateDir: folder, durable: true });
  parts.push(postgres);
  await migrate(postgres.adminUrl);
  const url = await provideApplicationLogin(postgres.adminUrl, 'bench');
  const aws = await startEmulator(folder, parts);

  const operator = await setUpOperatorAccount(aws, folder);
  const customer = await awsCustomer(aws, ACCOUNT);
  const organization = randomUUID() as OrganizationId;
  const externalId = randomBytes(16).toString('hex');
  const { keyArn, roleArn } = customer;
  const setUp = { organization, externalId, ourPrincipal: operator.principal.arn, roleArn, key: keyArn };
  await customer.paste({
    trustPolicy: awsTrustPolicy(setUp),
    rolePolicy: awsRolePolicy(setUp),
    keyPolicy: awsKeyPolicy(setUp),
  });

  const egress = createEgress({ mode: 'development', emulators: { aws: aws.url } });
  parts.push({ stop: async () => egress.close() });
  const provider = createAwsKmsProvider({
    egress,
    identity: fileIdentity(operator.principal.file),
    clock: Date.now,
    observe: () => undefined,
    processTag: 'bench',
    referencedOf: notReferenced,
  });
  const statements = new CustodySigner();
  const rows = await organizationRows(statements, {
    organization,
    externalId,
    roleArn,
    keyRef: keyArn as KeyRef,
    wrap: async (bytes, keyVersion, connection) => {
      if (connection === null) throw new Error('customer custody');
      const context = { organization, purpose: 'workspace-key', keyVersion } as const;
      return (await provider.wrap(connection, bytes, context, AbortSignal.timeout(10_000))).wrapped;
    },
  });
  const database = new Client({ connectionString: postgres.adminUrl });
  await database.connect();
  await insertOrganization(database, rows);
  await database.end();

  const signerFolder = join(folder, 'signer');
  await createSignerKeys(signerFolder);
  const deployment = 'novantra-bench' as DeploymentId;
  const signer = await openSigner({ folder: signerFolder, deployment, mode: 'development' });
  const store = createStore({ url, deployment, mode: 'development', random: randomBytes }, signer, QUIET);
  parts.push({ stop: () => store.close() });
  const nothing = (): void => undefined;
  return {
    organization,
    customer,
    endpoint: aws.url,
    region: CUSTOMER_REGION,
    credentials: await seededAccount(aws, ACCOUNT),
    cipher: (coalesce) =>
      createWorkspaceCipher({
        provider,
        platform: { unwrap: () => Promise.reject(new Error('there is no platform path')) },
        reader: store,
        recorder: store,
        verifier: statements.verifier,
        epochFloor: () => Promise.resolve(1 as Epoch),
        coalesce: () => coalesce,
        events: { onOperation: nothing, observe: nothing, onTrouble: nothing },
        clock: systemClock,
        random: randomBytes,
      }),
  };
}

async function startEmulator(stateDir: string, parts: Stoppable[]) {
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
      ...['--port', String(port), '--control-token-file', tokenFile, '--latency-ms', String(LATENCY_MS)],
    ],
    env: { PATH: process.env['PATH'] ?? '', HOME: stateDir },
    cwd: ROOT,
    ready: async () => (await fetch(`${url}/_emulator/health`, { signal: AbortSignal.timeout(1_000) })).ok,
  });
  parts.push(emulator);
  return { url, controlToken };
}
