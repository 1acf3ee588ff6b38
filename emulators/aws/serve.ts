import { around, type Pace } from '../faults/around';
import type { Counters } from '../keeping/counters';
import { type Answer, header, type Outcome, type WireRequest } from '../loopback/wire';
import type { Effect, FaultFacts, Faults, Hit } from './faults';
import { keyNamesIn } from './kms/key-names';
import type { Call } from './model/call';
import type { World } from './model/world';
import { type Parameters, parametersOf, perform, record } from './perform';
import { performS3 } from './s3/service';
import { targetOf as s3TargetOf } from './s3/target';
import { errorAnswer } from './wire/answer';
import { type Authenticated, authenticate, protocolAsked } from './wire/authenticate';
import { AwsError } from './wire/aws-error';
import { protocolOf, type Service, targetOf } from './wire/protocol';
import { parseForm } from './wire/query';

export interface Served {
  readonly world: World;
  readonly faults: Faults;
  readonly counters: Counters;
  readonly settings: Pace;
  readonly sleep: (ms: number) => Promise<void>;
  /** Objects in one page of a listing. */
  readonly listAtMost: number;
}

/** One request of any of the services, from signature to answer. */
export async function serve(served: Served, request: WireRequest): Promise<Outcome> {
  const { world, settings, sleep } = served;
  const requestId = world.uuid();
  const form = protocolAsked(request) === 'query' ? formOf(request) : new Map<string, string>();
  const action = actionOf(request, form);
  const who = attempt(() => authenticate(world, request));
  const hits = served.faults.take(factsOf(served, request, form, action, who));

  return around(hits, settings, sleep, () => decide(served, request, form, action, who, hits, requestId));
}

function decide(
  served: Served,
  request: WireRequest,
  form: ReadonlyMap<string, string>,
  action: string,
  who: Authenticated | AwsError,
  hits: readonly Hit[],
  requestId: string,
): Outcome {
  const { world, counters } = served;
  const injected = hits.find((h) => h.effect.kind === 'error');
  if (who instanceof AwsError && injected === undefined) {
    counters.add(`unauthenticated:${action}`, who.code);
    return errorAnswer(protocolAsked(request), who, requestId);
  }
  const call = who instanceof AwsError ? undefined : callOf(world, request, who, action, requestId);
  if (injected?.effect.kind === 'error') {
    counters.add(`${call?.service ?? 'unauthenticated'}:${action}`, injected.effect.code);
    return injectedError(request, call, injected.id, injected.effect, requestId);
  }
  if (call === undefined) throw new Error('a request is either refused or authenticated');
  if (call.service === 's3') {
    const answer = performS3(call, request, s3TargetOf(request), served.listAtMost);
    counters.add(`s3:${action}`, answer.errorCode ?? 'ok');
    return answer;
  }
  const parameters = attempt(() => parametersOf(call, request.body, form));
  if (parameters instanceof AwsError) {
    counters.add(`${call.service}:${action}`, parameters.code);
    return errorAnswer(protocolOf[call.service], parameters, requestId);
  }
  const answer = perform(call, parameters);
  counters.add(`${call.service}:${action}`, answer.errorCode ?? 'ok');
  return answer;
}

function injectedError(
  request: WireRequest,
  call: Call | undefined,
  faultId: string,
  effect: Extract<Effect, { kind: 'error' }>,
  requestId: string,
): Answer {
  const error = new AwsError(effect.code, effect.message, effect.status);
  const answer = errorAnswer(protocolAsked(request), error, effect.requestId ?? requestId);
  if (call !== undefined && call.service !== 's3') {
    // The message may carry a test's marker; the customer's trail gets the code only.
    call.notes.extra = { injectedFault: faultId };
    record(call, new AwsError(effect.code, ''), false);
  }
  return { ...answer, headers: { ...answer.headers, ...effect.headers }, body: effect.body ?? answer.body };
}

function callOf(
  world: World,
  request: WireRequest,
  who: Authenticated,
  action: string,
  requestId: string,
): Call {
  return {
    world,
    ...who,
    action,
    requestId,
    sourceIp: request.sourceIp,
    userAgent: header(request, 'user-agent') ?? '',
    nowMs: world.clock(),
    notes: {
      parameters: null,
      response: null,
      extra: undefined,
      resources: [],
      recipient: who.caller.account,
      changed: false,
    },
  };
}

function factsOf(
  served: Served,
  request: WireRequest,
  form: ReadonlyMap<string, string>,
  action: string,
  who: Authenticated | AwsError,
): FaultFacts {
  const known = who instanceof AwsError ? undefined : who;
  const service = known?.service ?? serviceAsked(request);
  return {
    service,
    action,
    region: known?.region ?? '',
    principalAccount: known?.caller.account,
    roleArn: form.get('RoleArn'),
    keyNames: () => {
      if (service !== 'kms' || known === undefined) return [];
      const parameters: Parameters | AwsError = attempt(() => parametersOf({ service }, request.body, form));
      if (parameters instanceof AwsError || !('json' in parameters)) return [];
      return keyNamesIn(served.world, known.region, known.caller.account, parameters.json);
    },
  };
}

function formOf(request: WireRequest): Map<string, string> {
  const query = request.target.includes('?') ? request.target.slice(request.target.indexOf('?') + 1) : '';
  return new Map([...parseForm(query), ...parseForm(request.body.toString('utf8'))]);
}

function actionOf(request: WireRequest, form: ReadonlyMap<string, string>): string {
  if (protocolAsked(request) === 'xml') return s3TargetOf(request).action;
  const target = header(request, 'x-amz-target');
  if (target === undefined) return form.get('Action') ?? '';
  const prefix = Object.values(targetOf).find((one) => target.startsWith(one)) ?? '';
  return target.slice(prefix.length);
}

/** Which service an unsigned request is for. */
function serviceAsked(request: WireRequest): Service {
  const target = header(request, 'x-amz-target');
  if (target === undefined) return protocolAsked(request) === 'xml' ? 's3' : 'sts';
  return target.startsWith(targetOf.secretsmanager) ? 'secretsmanager' : 'kms';
}

function attempt<T>(step: () => T): T | AwsError {
  try {
    return step();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

export function internalFailure(request: WireRequest, requestId: string, error: unknown): Answer {
  const protocol = protocolAsked(request);
  const message = error instanceof Error ? `emulator defect: ${error.message}` : 'emulator defect';
  return errorAnswer(protocol, new AwsError('InternalFailure', message, 500), requestId);
}
