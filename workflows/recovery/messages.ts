import { currentUpdateInfo, setHandler } from '@temporalio/workflow';
import {
  INCIDENT_ACTIONS,
  type IncidentAction,
  type IncidentMessage,
  incidentMessages,
} from '../../domain/incident';
import { actorPayloadDigest } from '../../domain/message';
import {
  type IncidentAcknowledgement,
  recoverySignals,
  recoveryStatusQuery,
  recoveryUpdates,
} from '../contract/recovery';
import { codeFailure, failureOf, refused } from '../failures';
import { parseFields } from '../fields';
import { isShallow, isShort, TOO_DEEP, TOO_LONG } from '../message-form';
import { onUpdate } from '../on-update';
import { records } from '../proxies';
import { statusOf } from './publish';
import type { Recovery } from './state';

/** What people read beside each message in the Temporal UI. */
const DESCRIPTIONS: Readonly<Record<IncidentAction, string>> = {
  probeNow: 'Anybody: look now, instead of at the next probe. {} is enough.',
  acknowledge: 'Anybody: somebody is on it. {} is enough; a "note" may say who.',
  annotate: 'Staff and the customer’s admins: what is known of it, for the record. Needs a "note".',
};

/** Registers every handler; called before the first await. */
export function receiveIncidentMessages(recovery: Recovery): void {
  setHandler(recoverySignals.refused, () => {
    recovery.refusedAgain = true;
  });
  setHandler(recoverySignals.answered, () => {
    recovery.probeAsked = true;
  });
  setHandler(recoveryStatusQuery, () => statusOf(recovery), { description: 'Where this recovery stands.' });
  for (const action of INCIDENT_ACTIONS) receiving(recovery, action);
}

function receiving<A extends IncidentAction>(recovery: Recovery, action: A): void {
  onUpdate<IncidentAcknowledgement, IncidentMessage<IncidentAction>>(recoveryUpdates[action] as never, {
    description: DESCRIPTIONS[action],
    validate: (message) => {
      if (!isShallow(message)) return TOO_DEEP;
      if (!isShort(message)) return TOO_LONG;
      const parsed = parseFields(incidentMessages[action], message);
      if (!parsed.ok) return parsed.refusal;
      return recovery.ended ? refused('INCIDENT_UNKNOWN') : null;
    },
    handle: (message) => hear(recovery, action, { ...message }),
  });
}

/** Judged and put on record by the activity, which is where who sent it is found out. */
async function hear(
  recovery: Recovery,
  action: IncidentAction,
  payload: Readonly<Record<string, unknown>>,
): Promise<IncidentAcknowledgement> {
  const updateId = currentUpdateInfo()?.id ?? '';
  const known = recovery.handled.get(updateId);
  if (known !== undefined) return known;
  const payloadDigest = actorPayloadDigest(payload);
  const incident = recovery.incident ?? (await records.openIncident({ organization: recovery.organization }));
  if (incident === null) throw codeFailure('INCIDENT_UNKNOWN', undefined, { payloadDigest });
  try {
    await records.hearIncidentMessage.executeWithOptions({ summary: action }, [
      {
        organization: recovery.organization,
        incident: incident.id,
        action,
        sent: { payload, updateId, name: updateId },
      },
    ]);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'cancelled') throw error;
    throw codeFailure(failure.code, failure.text, { payloadDigest });
  }
  if (action === 'probeNow') recovery.probeAsked = true;
  if (action === 'acknowledge') recovery.acknowledged = true;
  const acknowledgement = { incident: incident.id, action, payloadDigest };
  recovery.handled.set(updateId, acknowledgement);
  return acknowledgement;
}
