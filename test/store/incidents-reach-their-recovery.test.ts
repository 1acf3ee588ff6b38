import { instantOf, type KeyVersion, type OrganizationId, type OrganizationName } from '../../domain/ids';
import type { Recoveries } from '../../workers/recoveries';
import { relay, retell } from '../../workers/relay';
import { startDueRotations } from '../../workers/rotations';
import { type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
beforeAll(async () => {
  opened = await openStore();
});
afterAll(() => opened.close());

/** Temporal, as far as the relay sees it. */
class PlayedRecoveries implements Recoveries {
  readonly told: [OrganizationName, string][] = [];
  readonly running = new Set<OrganizationName>();
  isDown = false;

  readonly tell: Recoveries['tell'] = async (organization, what) => {
    if (this.isDown) throw new Error('down');
    this.told.push([organization, what]);
    this.running.add(organization);
  };
  readonly isRunning: Recoveries['isRunning'] = async (organization) => this.running.has(organization);

  of({ name }: Story): string[] {
    return this.told.filter(([organization]) => organization === name).map(([, what]) => what);
  }
}

const refuse = ({ organization }: Story) => opened.store.refused(organization, 'KEY_DISABLED', null);
const open = async ({ organization }: Story) => {
  const incident = await opened.store.openIncident(organization);
  if (incident === null) throw new Error('none is open');
  return incident;
};

test('thousands of refusals in several processes are told once; an answer since is told once more', async () => {
  const story = await Story.created(opened.store);
  const recoveries = new PlayedRecoveries();
  const other = opened.another();
  await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      (i % 2 ? opened.store : other).refused(story.organization, 'KEY_DISABLED', null),
    ),
  );
  expect(await open(story)).toMatchObject({ refusals: 500, detectedAt: null });
  await relay(opened.store, recoveries);
  await relay(other, recoveries);
  await refuse(story);
  await relay(opened.store, recoveries);
  expect(recoveries.of(story)).toEqual(['refused']);
  expect((await open(story)).detectedAt).not.toBeNull();
  await Promise.all([opened.store.answered(story.organization), other.answered(story.organization)]);
  await relay(opened.store, recoveries);
  await relay(other, recoveries);
  expect(recoveries.of(story)).toEqual(['refused', 'answered']);
});

test('with Temporal down it waits in the outbox, and is told when that is back', async () => {
  const story = await Story.created(opened.store);
  const recoveries = new PlayedRecoveries();
  await refuse(story);
  recoveries.isDown = true;
  await expect(relay(opened.store, recoveries)).rejects.toThrow('down');
  recoveries.isDown = false;
  await relay(opened.store, recoveries);
  expect(recoveries.of(story)).toEqual(['refused']);
});

test('one whose recovery was terminated is told again; one whose recovery runs is not', async () => {
  const story = await Story.created(opened.store);
  const recoveries = new PlayedRecoveries();
  await refuse(story);
  await relay(opened.store, recoveries);
  await retell(opened.store, recoveries, -1);
  await relay(opened.store, recoveries);
  expect(recoveries.of(story)).toEqual(['refused']);
  recoveries.running.clear();
  await retell(opened.store, recoveries, 60_000);
  await retell(opened.store, recoveries, -1);
  await relay(opened.store, recoveries);
  expect(recoveries.of(story)).toEqual(['refused', 'refused']);
});

test('inv06 a refusal since the proof began keeps it open; it closes once, with the proof, and only for its organization', async () => {
  const story = await Story.created(opened.store);
  const stranger = await Story.created(opened.store);
  const recoveries = new PlayedRecoveries();
  const proof = { versions: [1 as KeyVersion], findings: [] };
  await refuse(story);
  const { id } = await open(story);
  const since = await opened.store.now();
  await refuse(story);
  const close = (organization = story.organization, from = since) =>
    opened.store.closeIncident(organization, id, from, proof);
  expect(await close()).toBe(false);
  const later = instantOf(Date.parse(await opened.store.now()) + 1);
  await expect(close(stranger.organization, later)).rejects.toEqual(refused('INCIDENT_UNKNOWN'));
  expect(await close(story.organization, later)).toBe(true);
  expect(await close(story.organization, later)).toBe(true);
  expect(await opened.store.openIncident(story.organization)).toBeNull();
  expect(await opened.store.incident(story.organization, id)).toMatchObject({ proof, refusals: 2 });
  expect(await opened.store.incident(stranger.organization, id)).toBeNull();
  // Refused again within the minute: the same one goes on, and its recovery is told anew.
  await refuse(story);
  expect(await open(story)).toMatchObject({ id, refusals: 3, proof: null });
  await relay(opened.store, recoveries);
  expect(recoveries.of(story)).toEqual(['refused']);
});

test('what people say of it is theirs, in the ledger, and the audit finds what was changed', async () => {
  const story = await Story.created(opened.store);
  await refuse(story);
  const { id } = await open(story);
  const note = { type: 'incident-annotated', incident: id, note: 'they know' } as const;
  await opened.store.commit(story.unfenced(note));
  const stranger = await Story.created(opened.store);
  await expect(opened.store.commit(stranger.unfenced(note))).rejects.toEqual(refused('INCIDENT_UNKNOWN'));
  expect((await open(story)).notes).toMatchObject([{ acknowledges: false, text: 'they know' }]);
  const found = async () =>
    (await opened.store.auditRows()).filter(({ organization }) => organization === story.organization);
  expect(await found()).toEqual([]);
  await expect(opened.sql(`UPDATE incident_note SET text = 'no'`)).rejects.toThrow(/append-only/);
  await opened.sql('ALTER TABLE incident_note DISABLE TRIGGER USER');
  await opened.sql(`UPDATE incident_note SET text = 'they do not' WHERE organization_id = $1`, [
    story.organization,
  ]);
  expect(await found()).toMatchObject([{ table: 'incident', why: 'no entry like this note' }]);
  await opened.sql('DELETE FROM incident_note WHERE organization_id = $1', [story.organization]);
  expect(await found()).toMatchObject([{ why: 'recorded, and gone' }]);
  await opened.sql('ALTER TABLE incident_note ENABLE ALWAYS TRIGGER append_only');
});

test('due rotations are started, each by its organization’s name', async () => {
  const started: string[] = [];
  const due = [{ organization: { id: 'o' as OrganizationId, name: 'acme' as OrganizationName } }];
  const rule = { maxAgeDays: 90, maxOperations: 1 };
  const rotationsDue = async () => due.map((one) => ({ ...one, cause: 'age' as const, newKeyVersion: true }));
  await startDueRotations({ rotationsDue }, async (name) => started.push(name) > 0, rule);
  expect(started).toEqual(['acme']);
});
