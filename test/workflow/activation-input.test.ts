import { startActivation, startOrganization, WORKFLOW_TYPES } from '../../workflows/contract';
import { type Rig, startRig } from './support/rig';
import { refusalOf, Story, tokenFor } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());

/** As the Temporal UI's start form does it: any JSON, any id. */
function startWith(workflowId: string, ...args: unknown[]): Promise<unknown> {
  const options = { ...startActivation({ organization: 'acme' }), workflowId, args };
  return rig.client.workflow.execute(WORKFLOW_TYPES.activateCustomerKey, options as never);
}

describe('what a person types into the start form', () => {
  it.each([
    ['nothing', undefined, 'the input'],
    ['a text', 'acme', 'the input'],
    ['no organization', {}, 'organization: must be a text'],
    ['a name that isn’t one', { organization: 'Acme Inc.' }, 'organization: must be 2 to 40 lower-case'],
    ['a member we don’t know', { organization: 'acme', hunter2: 'x' }, 'has a member that isn’t known'],
    ['an actor that is no token', { organization: 'acme', actor: 'me' }, 'actor: must be a compact JWS'],
  ])('%s fails at once and names the field', async (_what, input, words) => {
    const { code, message } = await refusalOf(startWith('activation/acme', input));
    expect(code).toBe('INPUT_INVALID');
    expect(message).toContain(words);
    expect(message).not.toContain('hunter2');
  });

  it('a second argument, which only a continued run has, fails', async () => {
    const carried = { handled: [], sinceMs: 0, reminded: 0, findings: [], provider: null, trouble: null };
    const refusal = await refusalOf(startWith('activation/acme', { organization: 'acme' }, carried));
    expect(refusal.code).toBe('INPUT_INVALID');
  });

  it('an id that isn’t its own fails, and says which is', async () => {
    const { code, message } = await refusalOf(startWith('activation/other', { organization: 'acme' }));
    expect(code).toBe('WORKFLOW_ID_FOREIGN');
    expect(message).toContain('activation/acme');
  });

  it('an organization that doesn’t exist fails', async () => {
    rig.fresh();
    const refusal = await refusalOf(startWith('activation/nobody', { organization: 'nobody' }));
    expect(refusal.code).toBe('ORGANIZATION_UNKNOWN');
  });

  it('a token whose role may not start one fails', async () => {
    const input = { organization: 'acme' };
    const actor = tokenFor('acme', 'startActivation', input, 'customer-auditor');
    const refusal = await refusalOf(startWith('activation/acme', { ...input, actor }));
    expect(refusal.code).toBe('FORBIDDEN');
  });

  it('an organization in customer custody already fails', async () => {
    rig.fresh();
    const story = await Story.begin(rig, 'twice');
    await story.complete();
    await story.start();
    expect((await refusalOf(story.result())).code).toBe('ALREADY_ACTIVE');
  }, 30_000);
});

describe('creating an organization', () => {
  const create = (organization: string, role: 'support' | 'customer-admin' | null) => {
    const input = { organization };
    const actor = role === null ? {} : { actor: tokenFor(organization, 'createOrganization', input, role) };
    return rig.client.workflow.execute(
      WORKFLOW_TYPES.createOrganization,
      startOrganization({ ...input, ...actor }),
    );
  };

  it.each([null, 'customer-admin'] as const)('is refused to %s', async (role) => {
    rig.fresh();
    expect((await refusalOf(create('mine', role))).code).toBe('FORBIDDEN');
    expect(rig.world.store.all).toEqual([]);
  });

  it('is refused for a name that is taken', async () => {
    rig.fresh();
    await create('taken', 'support');
    expect((await refusalOf(create('taken', 'support'))).code).toBe('ORGANIZATION_EXISTS');
  });

  it('goes on where a run stopped halfway', async () => {
    rig.fresh();
    rig.instead.set('mintFirstVersion', async () => {
      const { ApplicationFailure } = await import('@temporalio/common');
      throw ApplicationFailure.nonRetryable('OUR_IDENTITY', 'OUR_IDENTITY');
    });
    expect((await refusalOf(create('halfway', 'support'))).code).toBe('OUR_IDENTITY');
    rig.instead.clear();
    await create('halfway', 'support');
    const [rows] = rig.world.store.all;
    expect(rows?.custody).toMatchObject({ custody: 'platform', currentVersion: 1 });
  });
});
