import type { Asked } from '../../activities/sender';
import type { Role } from '../../domain/actor';
import type { ConnectionId } from '../../domain/ids';
import type { Action, OperationStage } from '../../domain/stages';
import { type Rig, startRig } from './support/rig';
import { connectionOf, Story, tokenFor } from './support/story';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 60_000);
afterAll(() => rig.stop());
let story: Story;
afterEach(() => story.end());
async function begin(name: string): Promise<void> {
  rig.fresh();
  story = await Story.begin(rig, name);
}

interface Forged {
  readonly role?: Role | null;
  readonly action?: string;
  readonly jti?: string;
  readonly updateId?: string | null;
  readonly organization?: string;
  /** What the token is made for, where it isn't what is sent. */
  readonly signed?: Record<string, unknown>;
}

/** What somebody who can run a worker asks an activity for: fence and stage are no secret. */
function asked(
  action: Action,
  fields: Record<string, unknown>,
  { role = null, jti = 'forged', updateId = jti, organization = story.name, ...forged }: Forged = {},
): Asked {
  const { id: operationId, epoch, stage } = story.operation();
  const payload = { operationId, ...fields };
  const signedFor = forged.signed ?? payload;
  const token =
    role === null ? {} : { actor: tokenFor(organization, forged.action ?? action, signedFor, role, jti) };
  return {
    organization: { id: story.id, name: story.name },
    operationId,
    epoch,
    stage,
    // What an input says of its sender counts for nothing.
    ...({ actor: { kind: 'support', name: 'mallory' } } as object),
    sent: { payload: { ...payload, ...token }, updateId, name: 'forged' },
  };
}
const refusedAs = (type: string) => expect.objectContaining({ type });

describe('an activity that is asked for by hand', () => {
  it('carries out no message that needs somebody without our word for who it is', async () => {
    await begin('nobody');
    await story.toLive();
    const { custody } = story.world;
    const planDigest = await story.planDigest();
    const entries = story.entries().length;
    const forbidden = refusedAs('FORBIDDEN');
    const connectionId = '00000000-0000-4000-8000-000000000000' as ConnectionId;
    const contacts = [{ name: 'M', email: 'm@example.com', duty: 'security' }];
    const { epoch, id: operationId } = story.operation();
    const place = { organization: { id: story.id, name: story.name }, operationId, epoch };
    const attempts: (() => Promise<unknown>)[] = [
      () =>
        custody.recordConnection({
          ...asked('submitConnection', { connection: connectionOf('mallory') }),
          connectionId,
        }),
      () =>
        custody.computeDryRun({
          ...asked('launchDryRun', { dryRun: true }),
          dryRunId: connectionId as never,
        }),
      () => custody.recordReview(asked('reviewDryRun', { planDigest })),
      () => custody.launchLive(asked('launchLive', { planDigest })),
      () => custody.recordHandoff(asked('recordHandoff', { contacts, runbook: [] })),
      () =>
        custody.closeOperation({
          ...place,
          ending: { outcome: 'cancelled', sent: asked('cancel', {}).sent },
        }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toEqual(forbidden);
    expect(story.operation()).toMatchObject({ stage: 'live', holdsLock: false });
    // On record once a minute, and nothing else.
    expect(story.entries().slice(entries)).toEqual(['refusal']);
    expect(story.bodies().at(-1)?.actor.kind).toBe('temporal:unverified');
  });

  it('takes a token for nothing but what it was signed for', async () => {
    await begin('token');
    await story.toLive();
    const { launchLive } = story.world.custody;
    const planDigest = await story.planDigest();
    const launch = (forged: Forged) =>
      launchLive(asked('launchLive', { planDigest }, { role: 'support', ...forged }));
    const invalid = refusedAs('ACTOR_INVALID');
    await expect(launch({ organization: 'another' })).rejects.toEqual(invalid);
    await expect(launch({ action: 'reviewDryRun' })).rejects.toEqual(invalid);
    await expect(launch({ signed: { planDigest } })).rejects.toEqual(invalid);
    await expect(launch({ updateId: 'another request' })).rejects.toEqual(invalid);
    const foreign = { planDigest, operationId: '00000000-0000-4000-8000-000000000000' };
    await expect(launchLive(asked('launchLive', foreign, { role: 'support' }))).rejects.toEqual(invalid);
    await expect(launch({ role: 'service', jti: 'service' })).rejects.toEqual(refusedAs('FORBIDDEN'));
    expect(story.operation().holdsLock).toBe(false);
    expect(await launch({})).toMatchObject({ holdsLock: true });
    expect(story.bodies().at(-1)?.actor).toEqual({ kind: 'support', name: 'support@example' });
  });

  it('ends no operation for a reason that isn’t there', async () => {
    await begin('endings');
    await story.toApproval();
    const { closeOperation } = story.world.custody;
    const { epoch, id: operationId } = story.operation();
    const place = { organization: { id: story.id, name: story.name }, operationId, epoch };
    const close = (ending: Parameters<typeof closeOperation>[0]['ending']) =>
      closeOperation({ ...place, ending });
    await expect(close({ outcome: 'expired' })).rejects.toEqual(refusedAs('STAGE_MISMATCH'));
    await expect(close({ outcome: 'rejected' })).rejects.toEqual(refusedAs('APPROVAL_MISSING'));
    await expect(close({ outcome: 'refused', reason: 'ORDER_EXPIRED' })).rejects.toEqual(
      refusedAs('STAGE_MISMATCH'),
    );
    expect(story.operation().stage).toBe('approval');
  });
});

describe('sealing goes by the ledger, not by what an activity is said to have answered', () => {
  it('refusals that are made up seal nothing', async () => {
    await begin('made-up');
    await story.toLive();
    let madeUp = 0;
    rig.instead.set('provePlatformRefuses', async () => {
      madeUp += 1;
      if (madeUp === 5) rig.instead.delete('provePlatformRefuses');
      return { refused: true, enough: true };
    });
    rig.instead.set('disablePlatformKey', async (original) => (madeUp === 0 ? 'made up' : original()));
    const stagesWhenAsked: OperationStage[] = [];
    rig.instead.set('recordSealed', (original) => {
      stagesWhenAsked.push(story.operation().stage as OperationStage);
      return original();
    });
    await story.launch();
    await story.at('handoff');
    expect(stagesWhenAsked.length).toBeGreaterThan(5);
    const entries = story.entries();
    expect(entries.filter((type) => type === 'platform-sealed')).toHaveLength(1);
    const probed = story.bodies().filter(({ type }) => type === 'platform-key-probed');
    expect(probed.length).toBeGreaterThanOrEqual(3);
    expect(entries.lastIndexOf('platform-key-probed')).toBeLessThan(entries.indexOf('platform-sealed'));
  }, 30_000);
});
