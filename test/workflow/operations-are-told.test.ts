import type { OperationNotice } from '../../domain/notice';
import type { Handed } from '../../domain/ports/notices';
import { tellingsAt } from '../../workers/start';
import { type StartTelling, tellOfOperations } from '../../workers/tellings';
import { noticeId, startTelling, WORKFLOW_TYPES } from '../../workflows/contract';
import { Offboarding } from './support/offboarding';
import { type Rig, realServer, startRig } from './support/rig';
import { refusalOf, Story } from './support/story';

const HOOK = 'https://siem.acme.example/smsk';
const LATER: Handed = { verdict: 'later', statusClass: 5 };

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(realServer);
}, 60_000);
afterAll(() => rig.stop());

/** An organization in customer custody, with an endpoint, about to leave. */
async function leaving(name: string) {
  const world = rig.fresh();
  const story = await Story.begin(rig, name);
  await story.complete();
  world.notices.endpointAt(HOOK);
  const offboarding = new Offboarding(story);
  const begun: [OperationNotice['kind'], boolean][] = [];
  const start: StartTelling = async (notice) => {
    const isBegun = await tellingsAt(rig.client)(notice);
    begun.push([notice.kind, isBegun]);
    return isBegun;
  };
  const look = () => tellOfOperations(world.notices.records, start);
  const told = () =>
    story
      .bodies()
      .filter(({ type }) => type.startsWith('notice-'))
      .map(({ type, body }) => `${type} ${String(body['kind'])}`);
  const types = () =>
    world.notices.posted.map(({ body }) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { outcome: string | null } };
      return `${type} ${data.outcome ?? 'open'}`;
    });
  const tellingOf = (kind: OperationNotice['kind']) =>
    rig.client.workflow.getHandle(noticeId({ kind, operation: offboarding.operation().id }));
  return { world, story, offboarding, begun, look, told, types, tellingOf };
}

it('each look begins what there is to tell; each is told once, and holds nothing up', async () => {
  const { offboarding, begun, look, told, types, tellingOf } = await leaving('told-of-leaving');
  await look();
  expect(begun).toEqual([]);
  await offboarding.toDryRun();
  await look();
  await tellingOf('operation-started').result();
  await look();
  expect(begun).toEqual([
    ['operation-started', true],
    ['operation-started', false],
  ]);
  await offboarding.send('cancel', {});
  await offboarding.result();
  await look();
  await tellingOf('operation-ended').result();
  await look();
  expect(told()).toEqual(['notice-delivered operation-started', 'notice-delivered operation-ended']);
  expect(types()).toEqual(['operation.started open', 'operation.ended cancelled']);
}, 60_000);

it('what was terminated while nobody took it is begun again; the operation goes on meanwhile', async () => {
  const { world, offboarding, look, told, types, tellingOf } = await leaving('told-again');
  world.notices.answers.set(HOOK, [LATER]);
  await offboarding.toDryRun();
  await look();
  const first = tellingOf('operation-started');
  for (let tried = false; !tried; ) {
    const { raw } = await first.describe();
    tried = (raw.pendingActivities ?? []).some(({ attempt }) => (attempt ?? 0) > 1);
  }
  await first.terminate('by hand');
  await offboarding.plan();
  await look();
  await tellingOf('operation-started').result();
  expect(told()).toEqual(['notice-delivered operation-started']);
  expect(new Set(world.notices.posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(types()).toEqual(['operation.started open', 'operation.started open']);
}, 60_000);

it('started by hand it tells no more than there is: not an end that isn’t one, under no other id', async () => {
  const { story, offboarding, told } = await leaving('by-hand');
  await offboarding.toDryRun();
  const notice: OperationNotice = {
    ...{ kind: 'operation-ended', organization: story.name, operation: offboarding.operation().id },
  };
  const start = (change: object = {}) =>
    rig.client.workflow.execute(WORKFLOW_TYPES.tellOfOperation, { ...startTelling(notice), ...change });
  expect(await refusalOf(start())).toMatchObject({ code: 'INPUT_INVALID' });
  expect(await refusalOf(start({ workflowId: 'notice/another' }))).toMatchObject({
    code: 'WORKFLOW_ID_FOREIGN',
  });
  expect(await refusalOf(start({ args: [{ ...notice, more: 1 }] }))).toMatchObject({ code: 'INPUT_INVALID' });
  expect(told()).toEqual([]);
}, 60_000);
