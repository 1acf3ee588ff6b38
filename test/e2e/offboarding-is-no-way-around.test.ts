import { waitUntil } from '../../scripts/parts/wait';
import { Arrangement } from './deployment/arrangement';
import { type OpenCipher, openCipher } from './deployment/cipher';
import { type CustomerCloud, PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { Offboarding } from './deployment/offboarding';
import { startWorkers } from './deployment/workers';

const context = { record: 'invoice-1' };

/** The code that an update was refused with. */
const codeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'accepted',
    (error: unknown) => (error as { cause?: { type?: string } }).cause?.type,
  );

/** A key that refuses stops an offboarding, wherever it stands: nothing is switched around it. */
describe.each(PROVIDERS)('%s: the key refuses, or the wrong person approves', (provider) => {
  let deployment: Deployment;
  let acme: Arrangement<CustomerCloud>;
  let content: OpenCipher;
  let ciphertext: Buffer;
  let custody: unknown;

  beforeAll(async () => {
    deployment = await openDeployment();
    await startWorkers(deployment);
    content = await openCipher(deployment);
    acme = await Arrangement.create(deployment, 'acme', provider);
    await acme.reach('closed');
    ciphertext = await content.cipher.encrypt(acme.organization.id, Buffer.from('written before'), context);
    custody = await custodyNow();
  }, 60_000);
  afterAll(() => deployment?.close());

  const custodyNow = async () => (await deployment.store.status(acme.organization.name))?.custody;
  const incident = async () => (await deployment.store.status(acme.organization.name))?.incident ?? null;
  const read = () => content.cipher.decrypt(acme.organization.id, ciphertext, context);

  test('disabled before the start: it ends at once with the reason, and nothing has changed', async () => {
    const offboarding = Offboarding.of(acme);
    await acme.turn('off');
    await offboarding.start();
    expect(await offboarding.result()).toMatchObject({ outcome: 'refused' });
    expect((await acme.entries()).at(-1)).toMatchObject({
      type: 'operation-closed',
      body: { outcome: 'refused', reason: 'KEY_DISABLED' },
    });
    await acme.turn('on');
    expect(await custodyNow()).toEqual(custody);
    expect(await read()).toEqual(Buffer.from('written before'));
  });

  test('who started it can’t approve it; disabled after the approvals: launch is refused and content fails closed; enabled, it goes through', async () => {
    const offboarding = Offboarding.of(acme);
    await offboarding.start();
    await offboarding.reach('approval');
    expect(await codeOf(offboarding.operatorApproves('bo'))).toBe('APPROVAL_MISSING');
    await offboarding.approve();
    expect(await codeOf(offboarding.operatorApproves(' Support-1'))).toBe('SECOND_PERSON_NEEDED');
    expect((await offboarding.status()).stage).toBe('approval');
    await offboarding.operatorApproves('bo');
    await offboarding.untilAt('live');

    await acme.turn('off');
    expect(await codeOf(offboarding.launch())).toBe('KEY_IN_USE_REFUSES');
    expect((await acme.entries()).at(-1)).toMatchObject({
      type: 'refusal',
      body: { subject: 'live', code: 'KEY_IN_USE_REFUSES' },
    });
    expect(await custodyNow()).toEqual(custody);
    await expect(read()).rejects.toMatchObject({ code: 'WORKSPACE_UNAVAILABLE' });
    expect(await waitUntil(async () => (await incident()) !== null, 20_000, 50)).toBe(true);
    await acme.turn('on');
    expect(await waitUntil(async () => (await incident()) === null, 30_000, 50)).toBe(true);
    expect(await read()).toEqual(Buffer.from('written before'));
    expect(await custodyNow()).toEqual(custody);
    await offboarding.reach('closed');
    expect(await offboarding.result()).toMatchObject({ outcome: 'completed' });
    await acme.turn('off');
    expect(await read()).toEqual(Buffer.from('written before'));
  }, 90_000);
});
