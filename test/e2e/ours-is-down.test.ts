import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { WorkspaceUnavailable } from '../../cipher';
import { Refusal } from '../../domain/failure';
import type { Runtime } from '../../runtime/config';
import { waitUntil } from '../../scripts/parts/wait';
import { createStore } from '../../store';
import { incidentWorkflowId, startRotation, WORKFLOW_TYPES } from '../../workflows/contract';
import { type Answer, type Caller, openApi } from './deployment/api';
import { Arrangement, signed } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { Wire } from './deployment/cut';
import { type Deployment, openDeployment } from './deployment/deployment';
import { QUICK, startWorkers } from './deployment/workers';

/** What is ours goes away while the customer's key is used, disabled and enabled: each of the two in turn. */
const record = { record: 'r-1' };

let deployment: Deployment;
let temporal: Wire;
let postgres: Wire;
let content: OpenCipher;
let acme: Arrangement;
let globex: Arrangement;
let service: Caller;
let support: Caller;
const written = new Map<Arrangement, Buffer>();

beforeAll(async () => {
  deployment = await openDeployment();
  const { namespace, database, running } = deployment;
  const url = new URL(database.url);
  [temporal, postgres] = await Promise.all([Wire.to(namespace.address), Wire.to(url.host)]);
  // Cut last: what closes before may still want to say so.
  running.unshift(async () => {
    await Promise.all([temporal.cut(), postgres.cut()]);
  });
  url.host = postgres.address;
  const behindWires = { ...deployment, runtime: at(deployment.runtime, url.href) };
  const connection = await Connection.connect({ address: temporal.address });
  running.push(() => connection.close());
  const client = new Client({ connection, namespace: namespace.name });
  await startWorkers(behindWires, {
    settings: QUICK,
    namespace: { ...namespace, address: temporal.address, connection, client },
  });
  content = await openCipher(behindWires);
  const { config } = deployment.runtime;
  const store = createStore(
    { url: url.href, deployment: config.deployment, mode: config.mode, random: randomBytes },
    deployment.signer,
    deployment.log.logger,
  );
  running.push(store.close);
  const api = await openApi({ ...behindWires, store }, content.cipher);
  [acme, globex] = await Promise.all([
    Arrangement.create(deployment, 'acme'),
    Arrangement.create(deployment, 'globex', 'azure-key-vault'),
  ]);
  await Promise.all([acme.reach('closed'), globex.reach('closed')]);
  [service, support] = await Promise.all([api.as('service', acme.organization.id), api.as('support')]);
  for (const each of [acme, globex]) {
    written.set(each, await content.cipher.encrypt(each.organization.id, Buffer.from('kept'), record));
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([temporal?.mend(), postgres?.mend()]);
  await deployment?.close();
});

/** The same configuration, with another way to the database. */
const at = (runtime: Runtime, databaseUrl: string): Runtime => ({
  ...runtime,
  secret: (file) => (file === runtime.config.databaseUrlFile ? databaseUrl : runtime.secret(file)),
});

const read = (each: Arrangement) =>
  content.cipher.decrypt(each.organization.id, written.get(each) ?? Buffer.alloc(0), record);
const refusalOf = (each: Arrangement): Promise<unknown> =>
  read(each).then(
    () => null,
    (error: unknown) => error,
  );
/** One request of each kind that begins with a read of ours: content, and how it stands. */
const askedOfApi = async (): Promise<Answer[]> => [
  await service.post('/acme/encrypt', { plaintext: 'aGk=', context: record }),
  await service.post('/acme/decrypt', {
    ciphertext: (written.get(acme) ?? Buffer.alloc(0)).toString('base64'),
    context: record,
  }),
  await support.get('/acme'),
];
const openIncident = (each: Arrangement) => deployment.store.openIncident(each.organization.id);
const describeRecovery = ({ organization: { name } }: Arrangement) =>
  deployment.client.workflow.getHandle(incidentWorkflowId(name)).describe();

describe('Temporal is down', () => {
  beforeAll(() => temporal.cut());
  afterAll(() => temporal.mend());

  test('inv06 a disabled key stops reads at once, and the incident waits in its row', async () => {
    await Promise.all([acme.turn('off'), globex.turn('off')]);
    for (const each of [acme, globex]) {
      expect(await refusalOf(each)).toMatchObject({ providerCode: 'KEY_DISABLED' });
      expect(await waitUntil(async () => (await openIncident(each)) !== null, 10_000)).toBe(true);
      await expect(describeRecovery(each)).rejects.toThrow(/not found/);
    }
  });

  test('enabled before Temporal returns: content flows, though nobody has looked', async () => {
    await acme.turn('on');
    expect(await read(acme)).toEqual(Buffer.from('kept'));
    expect(await openIncident(acme)).toMatchObject({ closedAt: null });
  });

  test('when it returns, each incident has its recovery: one proves it and ends, the other waits for the key', async () => {
    await temporal.mend();
    expect(await waitUntil(async () => (await openIncident(acme)) === null, 60_000)).toBe(true);
    const isProbed = async () => ((await openIncident(globex))?.probes ?? 0) > 0;
    expect(await waitUntil(isProbed, 60_000)).toBe(true);
    expect((await describeRecovery(globex)).status.name).toBe('RUNNING');
    await globex.turn('on');
    expect(await read(globex)).toEqual(Buffer.from('kept'));
    expect(await waitUntil(async () => (await openIncident(globex)) === null, 60_000)).toBe(true);
    const [only, ...others] = await deployment.store.incidents(globex.organization.id, 10);
    expect(others).toEqual([]);
    expect(only?.proof?.versions).toEqual([1, 2]);
  }, 180_000);
});

describe('PostgreSQL is down', () => {
  let since: number;
  let rotation: Promise<unknown>;
  beforeAll(async () => {
    since = acme.cloud.lastSequence();
    await postgres.cut();
  });
  afterAll(() => postgres.mend());

  test('content is refused as ours to mend, and nothing is unwrapped by a custody that nobody read', async () => {
    for (const operation of [
      () => read(acme),
      () => content.cipher.encrypt(acme.organization.id, Buffer.from('new'), record),
    ]) {
      const error: unknown = await operation().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Refusal);
      expect(error).not.toBeInstanceOf(WorkspaceUnavailable);
      expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    }
    expect(acme.cloud.trail(since)).toEqual([]);
    expect(content.troubles.at(-1)).toMatchObject({ what: 'custody-read' });
  });

  test('the API says of everything it is asked that it is the database, and to ask again', async () => {
    for (const answer of await askedOfApi()) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } });
      expect(answer.type).toContain('application/problem+json');
    }
    expect(acme.cloud.trail(since)).toEqual([]);
    expect(deployment.log.having({ event: 'api.internal' })).toEqual([]);
    expect(deployment.log.having({ event: 'database.unavailable' })).not.toEqual([]);
  });

  test('an operation that is asked for meanwhile waits, and is done when it returns: nobody restarts anything', async () => {
    const { name: organization } = acme.organization;
    const input = await signed(deployment, organization, 'support', 'startRotation', {
      organization,
      newKeyVersion: true,
    });
    const handle = await deployment.client.workflow.start(
      WORKFLOW_TYPES.rotateCustomerKey,
      startRotation(input),
    );
    rotation = handle.result();
    const hasFailed = async () => {
      const { raw } = await handle.describe();
      return (raw.pendingActivities ?? []).some(({ attempt }) => (attempt ?? 0) > 1);
    };
    expect(await waitUntil(hasFailed, 60_000)).toBe(true);
    await postgres.mend();
    expect(await waitUntil(async () => (await refusalOf(acme)) === null, 30_000)).toBe(true);
    // The very next request of each kind.
    for (const answer of await askedOfApi()) expect(answer.status).toBe(200);
    expect(await rotation).toMatchObject({ outcome: 'completed', reason: null });
    expect(await read(acme)).toEqual(Buffer.from('kept'));
  }, 180_000);

  test('it was no incident of any customer’s, and the ledgers are whole', async () => {
    expect(await openIncident(acme)).toBeNull();
    expect(await deployment.store.incidents(acme.organization.id, 10)).toHaveLength(1);
    expect(await deployment.store.auditRows()).toEqual([]);
  });
});
