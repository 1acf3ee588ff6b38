import type { KeyRef, LedgerIndex } from '../../domain/ids';
import { activeAt, keyAt } from '../workflow/support/connection-change';
import { hanging } from '../workflow/support/hanging';
import { Incident } from '../workflow/support/incident';
import { Offboarding } from '../workflow/support/offboarding';
import type { Rig } from '../workflow/support/rig';
import { activeAtAzure, customerRotates, rotate, startRotating } from '../workflow/support/rotation';
import { keyRefOf, Story } from '../workflow/support/story';

/** What is recorded: each way an activation can go, told to its end. */
export const STORIES: Readonly<Record<string, (rig: Rig) => Promise<Story>>> = {
  completed: async (rig) => {
    const story = await begin(rig, 'completed');
    await story.toVerification();
    await story.send('runVerification', {});
    await story.at('dry-run');
    await story.dryRun();
    await story.review();
    await story.signal('approve', await story.decision('approve', { exp: 1 }));
    await story.until('refused', ({ trouble }) => trouble?.code === 'APPROVAL_EXPIRED');
    await story.signal('approve', await story.decision());
    await story.at('live');
    await story.launch();
    await story.at('handoff');
    await story.handOff();
    return story;
  },

  'plan-given-up': async (rig) => {
    const story = await begin(rig, 'given-up');
    await story.toLive();
    story.world.customer.refuses = { wrap: 'WRAP_DENIED' };
    await story.launch();
    await story.until('verified', ({ stage, findings }) => stage === 'verification' && findings.length > 0);
    story.world.customer.refuses = {};
    story.world.platform.staysAlive = 1;
    await story.send('runVerification', {});
    await story.at('dry-run');
    await story.dryRun();
    await story.review();
    await story.approve();
    await story.launch();
    await story.at('handoff');
    await story.handOff();
    return story;
  },

  expired: async (rig) => {
    const story = await begin(rig, 'expired');
    await story.toApproval();
    await rig.environment.sleep('11 days');
    await rig.environment.sleep('4 days');
    await story.at('dry-run');
    await rig.environment.sleep('61 days');
    await story.result();
    return story;
  },

  rejected: async (rig) => {
    const story = await begin(rig, 'rejected');
    await story.toApproval();
    await story.send('reject', await story.decision('reject'));
    await story.result();
    return story;
  },

  cancelled: async (rig) => {
    const story = await begin(rig, 'cancelled');
    await story.toLive();
    await story.send('cancel', {});
    await story.result();
    return story;
  },

  'cancelled-in-the-ui': async (rig) => {
    const story = await begin(rig, 'ui-cancelled');
    await story.toDryRun();
    await story.handle.cancel();
    await story.result().catch(() => undefined);
    return story;
  },

  refused: async (rig) => {
    rig.fresh();
    const story = await Story.begin(rig, 'refused', { order: false });
    await story.start();
    await story.result().catch(() => undefined);
    return story;
  },
};

/** Each way a rotation can go. */
export const ROTATIONS: Readonly<Record<string, (rig: Rig) => Promise<Story>>> = {
  rotated: async (rig) => {
    rig.fresh();
    const story = await activeAtAzure(rig, 'rotated');
    customerRotates(story);
    await rotate(story, { newKeyVersion: true, reason: 'yearly' });
    return story;
  },

  'nothing-to-rotate': async (rig) => {
    rig.fresh();
    const story = await activeAtAzure(rig, 'as-it-was');
    await rotate(story);
    return story;
  },

  'rotation-refused': async (rig) => {
    rig.fresh();
    const story = await activeAtAzure(rig, 'not-rotated');
    customerRotates(story);
    rig.instead.set('rewrapVersion', (original) => {
      story.world.customer.refuses = { unwrap: 'KEY_DISABLED' };
      return original();
    });
    await rotate(story);
    return story;
  },

  'rotation-cancelled': async (rig) => {
    rig.fresh();
    const story = await activeAtAzure(rig, 'stopped');
    customerRotates(story);
    const step = hanging(rig, 'mintNextVersion');
    const handle = await startRotating(story, { newKeyVersion: true });
    await step.reached;
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await step.letGo();
    return story;
  },
};

/** Each way a change of connection goes that isn't an activation's. */
export const CHANGES: Readonly<Record<string, (rig: Rig) => Promise<Story>>> = {
  'connection-changed': async (rig) => {
    rig.fresh();
    const { change } = await activeAt(rig, 'aws-kms', 'moved');
    await change.toLive();
    await rotate(change, { newKeyVersion: true });
    await change.launch().catch(() => undefined);
    await change.at('dry-run');
    await change.dryRun();
    await change.review();
    await change.approve();
    await change.launch();
    await change.result();
    return change;
  },

  'connection-kept': async (rig) => {
    rig.fresh();
    const { change } = await activeAt(rig, 'azure-key-vault', 'kept');
    await change.toLive();
    const staging = hanging(rig, 'moveVersion');
    await change.launch();
    await staging.reached;
    change.world.customer.ring.key(keyAt('azure-key-vault', 'kept')).state = 'disabled';
    await staging.letGo();
    await change.at('dry-run');
    await change.send('cancel', {});
    await change.result();
    return change;
  },
};

/** Each way an offboarding can go. */
export const OFFBOARDINGS: Readonly<Record<string, (rig: Rig) => Promise<Story>>> = {
  offboarded: async (rig) => {
    const offboarding = await offboardingOf(rig, 'left');
    await offboarding.complete();
    return offboarding.story;
  },

  'offboarding-stopped': async (rig) => {
    const offboarding = await offboardingOf(rig, 'stays');
    await offboarding.toLive();
    const staging = hanging(rig, 'stageUnderPlatform');
    await offboarding.launch();
    await staging.reached;
    offboarding.story.world.customer.ring.key(keyRefOf('stays') as KeyRef).state = 'disabled';
    await staging.letGo();
    const { outcome } = await offboarding.result();
    if (outcome !== 'refused') throw new Error(`it was ${outcome}`);
    return offboarding.story;
  },
};

/** Of an organization whose activation is through. */
async function offboardingOf(rig: Rig, name: string): Promise<Offboarding> {
  const story = await begin(rig, name);
  await story.complete();
  return new Offboarding(story);
}

/** Each way an incident's recovery can go. */
export const RECOVERIES: Readonly<Record<string, (rig: Rig) => Promise<Story>>> = {
  recovered: async (rig) => {
    const incident = await incidentOf(rig, 'recovered');
    const { notices } = incident.story.world;
    notices.contacts.push({ handoff: 1 as LedgerIndex, nth: 0, email: 'ada@recovered.example' });
    incident.key.state = 'disabled';
    await incident.refused();
    await incident.tell();
    await incident.until(({ nextProbeAt }) => nextProbeAt !== null);
    await incident.send('acknowledge', { note: 'on it' });
    await incident.send('probeNow', {}, null);
    await incident.until(({ probes, nextProbeAt }) => probes === 2 && nextProbeAt !== null);
    incident.key.state = 'enabled';
    await incident.tell('answered');
    await incident.result();
    return incident.story;
  },

  'refused-again': async (rig) => {
    const incident = await incidentOf(rig, 'again');
    await incident.refused();
    rig.instead.set('proveRecovery', async (original) => {
      rig.instead.delete('proveRecovery');
      const closed = await original();
      await incident.refused('UNWRAP_DENIED');
      await incident.tell();
      return closed;
    });
    await incident.tell();
    await incident.result();
    return incident.story;
  },

  'nothing-open': async (rig) => {
    const incident = await incidentOf(rig, 'calm');
    await incident.tell();
    await incident.result();
    return incident.story;
  },
};

const incidentOf = (rig: Rig, name: string): Promise<Incident> =>
  Incident.of(rig, name, () => rig.environment.sleep('1 s'));

/** Recorded on the real server: the time-skipping one loses updates when a run is continued. */
export const CONTINUED = async (rig: Rig): Promise<Story> => {
  rig.fresh({ settings: { historyEvents: 25 } });
  const story = await Story.begin(rig, 'continued');
  await story.complete();
  return story;
};

function begin(rig: Rig, name: string): Promise<Story> {
  rig.fresh();
  return Story.begin(rig, name);
}
