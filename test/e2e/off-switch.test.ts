import { WorkspaceUnavailable } from '../../cipher';
import { waitUntil } from '../../scripts/parts/wait';
import { incidentWorkflowId } from '../../workflows/contract';
import { type Caller, openApi } from './deployment/api';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { asSuperuser } from './deployment/sql';
import { QUICK, startWorkers } from './deployment/workers';

/** How the customer's own log names the refusal of a disabled key. */
const REFUSAL = { 'aws-kms': 'DisabledException', 'azure-key-vault': 'Forbidden' };
/** Nothing of what a provider says, or of where its keys are, is in what we say. */
const PROVIDERS_WORDS = /arn:|DisabledException|kms|Forbidden|KeyDisabled|AKV|vault\.azure/i;

describe.each(PROVIDERS)('%s', (provider) => {
  let deployment: Deployment;
  let acme: Arrangement;
  let content: OpenCipher;
  let stopWorkers: () => Promise<void>;
  /** Over HTTP, with a Temporal that nobody answers at: what follows must not need it. */
  let service: Caller;
  let support: Caller;
  let ciphertext: Buffer;
  const record = { record: 'r-1' };

  beforeAll(async () => {
    deployment = await openDeployment();
    stopWorkers = await startWorkers(deployment, { settings: QUICK });
    content = await openCipher(deployment);
    acme = await Arrangement.create(deployment, 'acme', provider);
    await acme.reach('handoff');
    const api = await openApi(deployment, content.cipher, '127.0.0.1:1');
    service = await api.as('service', acme.organization.id);
    support = await api.as('support');
  });
  afterAll(() => deployment?.close());
  beforeEach(async () => {
    await acme.turn('on');
    ciphertext = await content.cipher.encrypt(acme.organization.id, Buffer.from('kept'), record);
  });

  const encrypt = () => content.cipher.encrypt(acme.organization.id, Buffer.from('new'), record);
  const decrypt = () => content.cipher.decrypt(acme.organization.id, ciphertext, record);

  /** The organization's incidents, oldest first. */
  const incidents = () =>
    asSuperuser(deployment.database.ownerUrl, (query) =>
      query(
        `SELECT code, refusals, closed_at IS NULL AS open FROM incident WHERE organization_id = $1 ORDER BY id`,
        [acme.organization.id],
      ),
    );

  test('the customer’s disable stops the very next read and write, and enable lets the next ones through', async () => {
    await acme.turn('off');
    for (const refused of [encrypt, decrypt]) {
      const error: unknown = await refused().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WorkspaceUnavailable);
      expect(error).toMatchObject({ code: 'WORKSPACE_UNAVAILABLE', providerCode: 'KEY_DISABLED' });
      const { remedy, requestId, message } = error as WorkspaceUnavailable;
      expect(remedy).toMatch(/Enable the key/);
      expect(message).not.toMatch(PROVIDERS_WORDS);
      // By this id the customer finds the very call in its own log.
      const found = acme.cloud.trail().find((row) => row.requestId === requestId);
      expect(found).toMatchObject({ call: 'unwrap', ours: true, refusal: REFUSAL[provider] });
    }
    await acme.turn('on');
    expect(await decrypt()).toEqual(Buffer.from('kept'));
    await expect(encrypt()).resolves.toBeInstanceOf(Buffer);
  });

  test('64 operations that fail at once are one incident, and the next success ends it', async () => {
    const earlier = (await incidents()).at(-1);
    await acme.turn('off');
    const answers = await Promise.allSettled(
      Array.from({ length: 64 }, (_, i) => (i % 2 ? encrypt() : decrypt())),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(64).fill('rejected'));
    const isOpen = async () => (await incidents()).at(-1)?.['open'] === true;
    expect(await waitUntil(isOpen, 10_000)).toBe(true);
    // It goes on with the one of a moment ago, as the key is off for the same reason.
    expect(await incidents()).toEqual([{ code: 'KEY_DISABLED', refusals: expect.any(Number), open: true }]);
    expect(Number((await incidents())[0]?.['refusals'])).toBeGreaterThan(Number(earlier?.['refusals'] ?? 0));
    expect((await support.get('/acme/status')).body).toMatchObject({
      posture: 'degraded',
      incident: { code: 'KEY_DISABLED' },
    });

    await acme.turn('on');
    await decrypt();
    expect(await waitUntil(async () => !(await isOpen()), 10_000)).toBe(true);
    expect(await incidents()).toHaveLength(1);
    await deployment.store.recordIncidents(async () => 'customer');
    expect((await acme.entries()).filter(({ type }) => type === 'incident-opened')).toMatchObject([
      {
        actor: { kind: 'system' },
        body: { code: 'KEY_DISABLED', owner: 'customer', requestId: expect.any(String) },
      },
    ]);
  });

  test('the recovery is a workflow that proves every version before it closes; who said what is evidence', async () => {
    await acme.turn('off');
    await expect(decrypt()).rejects.toBeInstanceOf(WorkspaceUnavailable);
    const open = async () => (await deployment.store.status(acme.organization.name))?.incident ?? null;
    expect(await waitUntil(async () => (await open())?.probes === 1, 20_000)).toBe(true);
    const { client } = deployment.namespace;
    const recovery = client.workflow.getHandle(incidentWorkflowId(acme.organization.name));
    expect((await recovery.describe()).status.name).toBe('RUNNING');
    await acme.turn('on');
    // A success is only a hint, and has it look at once.
    await decrypt();
    expect(await waitUntil(async () => (await open()) === null, 20_000)).toBe(true);
    const isCompleted = async () => (await recovery.describe()).status.name === 'COMPLETED';
    expect(await waitUntil(isCompleted, 10_000)).toBe(true);
    const { body } = await support.get('/acme/incidents');
    expect(body).toMatchObject({
      incidents: [
        {
          code: 'KEY_DISABLED',
          owner: 'customer',
          timeToRecoverMs: expect.any(Number),
          proof: { versions: [1, 2], findings: expect.arrayContaining([expect.anything()]) },
        },
      ],
    });
    expect(JSON.stringify(body)).not.toMatch(/DisabledException|Forbidden|AKV/);
  });

  test('the HTTP door answers 503 with code, remedy and request id, and nothing of the provider’s words', async () => {
    await acme.turn('off');
    const plaintext = Buffer.from('new').toString('base64');
    const refused = await service.post('/acme/encrypt', { plaintext, context: record });
    expect(refused.status).toBe(503);
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(refused.body).toMatchObject({ code: 'WORKSPACE_UNAVAILABLE', providerCode: 'KEY_DISABLED' });
    expect(refused.text).toMatch(/Enable the key/);
    expect(refused.text).not.toMatch(PROVIDERS_WORDS);
    await acme.turn('on');
    const served = await service.post('/acme/encrypt', { plaintext, context: record });
    expect(served.status).toBe(200);
  });

  test('with no worker and no Temporal data flows and the off-switch works; messages are answered NO_WORKER', async () => {
    await stopWorkers();
    const body = { ciphertext: ciphertext.toString('base64'), context: record };
    const plaintext = Buffer.from('kept').toString('base64');
    expect((await service.post('/acme/decrypt', body)).body).toEqual({ plaintext });
    await acme.turn('off');
    expect((await service.post('/acme/decrypt', body)).body).toMatchObject({ providerCode: 'KEY_DISABLED' });
    await acme.turn('on');
    expect((await service.post('/acme/decrypt', body)).body).toEqual({ plaintext });
    const handoff = {
      contacts: [{ name: 'Ada', email: 'ada@acme.example', duty: 'security' }],
      runbook: [],
    };
    const unanswered = await support.post('/acme/operation/handoff', handoff);
    expect(unanswered.status).toBe(503);
    expect(unanswered.body).toMatchObject({ code: 'NO_WORKER' });
  });
});
