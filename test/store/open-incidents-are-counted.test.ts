import type { Owner } from '../../domain/codes';
import { instantOf, type KeyVersion } from '../../domain/ids';
import { type Opened, openStore } from './support/opened';
import { Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

const ownedBy = (owner: Owner) => async () => owner;

test('open incidents are counted by who can mend them, and how long one waits is known until it is told', async () => {
  const { store, sql } = opened;
  const [mine, theirs] = [await Story.created(store), await Story.created(store)];
  const nothing = { customer: 0, provider: 0, operator: 0, unknown: 0 };
  expect(await store.incidentHealth()).toEqual({ open: nothing, untoldMs: 0 });

  await store.refused(mine.organization, 'OUR_IDENTITY', null);
  expect((await store.incidentHealth()).open).toEqual({ ...nothing, unknown: 1 });
  await store.recordIncidents(ownedBy('operator'));
  await store.refused(theirs.organization, 'KEY_DISABLED', null);
  await store.recordIncidents(ownedBy('customer'));
  expect((await store.incidentHealth()).open).toEqual({ ...nothing, operator: 1, customer: 1 });

  await sql(`UPDATE incident SET opened_at = opened_at - interval '2 minutes' WHERE organization_id = $1`, [
    mine.organization,
  ]);
  const { untoldMs } = await store.incidentHealth();
  expect(untoldMs).toBeGreaterThanOrEqual(120_000);
  for (const { incident, at } of await store.untoldIncidents(10)) await store.incidentTold(incident, at);
  expect((await store.incidentHealth()).untoldMs).toBe(0);

  const open = await store.openIncident(mine.organization);
  if (open === null) throw new Error('none is open');
  const later = instantOf(Date.parse(await store.now()) + 1_000);
  const proof = { versions: [1 as KeyVersion], findings: [] };
  expect(await store.closeIncident(mine.organization, open.id, later, proof)).toBe(true);
  expect((await store.incidentHealth()).open).toEqual({ ...nothing, customer: 1 });
});

test('so are histories that have to go, until each is gone', async () => {
  const { store } = opened;
  const [mine, theirs] = [await Story.created(store), await Story.created(store)];
  const opening = (runId: string) =>
    ({
      ...({ type: 'intake-incident-opened', workflowId: `activation/${mine.name}`, runId } as const),
      ...({ message: 'signal', code: 'PAYLOAD_UNSEALED', detector: null, length: 4 } as const),
    }) as const;
  await store.commit(mine.unfenced(opening('run-1')));
  await store.commit(mine.unfenced(opening('run-2')));
  // Another ledger's closing is of another organization's run, whatever its id.
  await store.commit(theirs.unfenced({ type: 'intake-incident-closed', runId: 'run-1' }));
  const open = (runId: string) => ({
    organization: mine.name,
    workflowId: `activation/${mine.name}`,
    runId,
  });
  expect(await store.openIntakeIncidents()).toEqual([open('run-1'), open('run-2')]);
  await store.commit(mine.unfenced({ type: 'intake-incident-closed', runId: 'run-1' }));
  expect(await store.openIntakeIncidents()).toEqual([open('run-2')]);
});
