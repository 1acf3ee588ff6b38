import type { Answer } from '../loopback/wire';
import { performIam } from './iam/service';
import { type Input, parseInput } from './kms/fields';
import { kmsReadOnly, performKms } from './kms/service';
import type { Call } from './model/call';
import { performSecrets } from './secrets/service';
import { performSts } from './sts/service';
import { identityOf, secondsIso } from './trail/identity';
import { errorAnswer, jsonHeaders, queryHeaders } from './wire/answer';
import { AwsError } from './wire/aws-error';
import type { Form } from './wire/form';
import { protocolOf } from './wire/protocol';

/** A request's parameters, in whichever protocol they came. */
export type Parameters = { readonly json: Input } | { readonly form: Form };

/** @throws AwsError SerializationException */
export function parametersOf(call: Pick<Call, 'service'>, body: Buffer, form: Form): Parameters {
  return protocolOf[call.service] === 'json' ? { json: parseInput(body) } : { form };
}

/**
 * Does what was asked, and records it. Everything here happens in one synchronous step: reading the state, deciding,
 * changing, saving, and taking the sequence number. So the order of sequence numbers is the order of effects.
 */
export function perform(call: Call, parameters: Parameters): Answer {
  let refusal: AwsError | undefined;
  let body = '';
  try {
    body = 'json' in parameters ? performJson(call, parameters.json) : performNamed(call, parameters.form);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    refusal = error;
  }
  const changed = refusal === undefined && call.notes.changed;
  if (changed) call.world.save();
  record(call, refusal, changed);
  const protocol = protocolOf[call.service];
  if (refusal !== undefined) return errorAnswer(protocol, refusal, call.requestId);
  return {
    status: 200,
    headers: protocol === 'json' ? jsonHeaders(call.requestId) : queryHeaders(call.requestId),
    body,
  };
}

function performJson(call: Call, input: Input): string {
  return call.service === 'kms' ? performKms(call, input) : performSecrets(call, input);
}

function performNamed(call: Call, form: Form): string {
  return call.service === 'sts' ? performSts(call, form) : performIam(call, form);
}

/** Writes the call into the trail; for an injected error the caller has put that into the notes. */
export function record(call: Call, refusal: AwsError | undefined, durable: boolean): number {
  const { notes } = call;
  return call.world.trail.append(
    {
      eventVersion: '1.11',
      userIdentity: identityOf(call.caller),
      eventTime: secondsIso(call.world.clock()),
      eventSource: `${call.service}.amazonaws.com`,
      eventName: call.action,
      awsRegion: call.region,
      sourceIPAddress: call.sourceIp,
      userAgent: call.userAgent,
      ...(refusal === undefined ? {} : { errorCode: trailCode(refusal.code), errorMessage: refusal.message }),
      requestParameters: notes.parameters,
      responseElements: refusal === undefined ? notes.response : null,
      ...(notes.extra === undefined ? {} : { additionalEventData: notes.extra }),
      requestID: call.requestId,
      eventID: call.world.uuid(),
      readOnly:
        call.service === 'kms' ? kmsReadOnly(call.action) : /^(Get|List|AssumeRole)/.test(call.action),
      resources: [...notes.resources],
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: notes.recipient,
      eventCategory: 'Management',
    },
    durable,
  );
}

/** CloudTrail writes this one without its suffix. */
function trailCode(code: string): string {
  return code === 'AccessDeniedException' ? 'AccessDenied' : code;
}
