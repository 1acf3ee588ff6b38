import { timingSafeEqual } from 'node:crypto';
import { header, type WireRequest } from '../../loopback/wire';
import type { Caller } from '../model/caller';
import type { World } from '../model/world';
import { openSession } from '../sts/session-token';
import { AwsError } from './aws-error';
import { isService, type Protocol, protocolOf, type Service } from './protocol';
import {
  type Authorization,
  amzDateOf,
  instantOf,
  parseAuthorization,
  type Scope,
  signatureOf,
  signingKeyOf,
} from './sigv4';

export interface Authenticated {
  readonly caller: Caller;
  readonly region: string;
  readonly service: Service;
}

/** S3 lets fifteen pass; here all are alike. */
const skewMs = 5 * 60_000;

/**
 * Which error shape a request expects, readable even when its signature doesn't hold. S3's requests name no operation: what
 * tells them is the scope they are signed for.
 */
export function protocolAsked(request: WireRequest): Protocol {
  if (header(request, 'x-amz-target') !== undefined) return 'json';
  const given = parseAuthorization(header(request, 'authorization') ?? '');
  return given?.scope.service === 's3' ? 'xml' : 'query';
}

/**
 * Checks the signature for real: scope, signed headers, body, clock, secret, session token.
 * Causes and wording: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * @throws AwsError in the code set of the protocol
 */
export function authenticate(world: World, request: WireRequest): Authenticated {
  const refuse = REFUSALS[protocolAsked(request)];
  const text = header(request, 'authorization');
  if (text === undefined) throw refuse.missing();
  const given = parseAuthorization(text);
  if (given === undefined)
    throw refuse.incomplete('Authorization header requires a complete AWS4-HMAC-SHA256 value.');
  const { scope } = given;
  if (!isService(scope.service) || protocolOf[scope.service] !== protocolAsked(request)) {
    throw refuse.mismatch('Credential should be scoped to correct service.');
  }
  requireSignedHeaders(request, given, refuse);
  const { caller, secret } = credentialsOf(world, request, given.accessKeyId, refuse);
  const amzDate = header(request, 'x-amz-date') ?? '';
  requireFresh(world.clock(), amzDate, scope, refuse);
  const expected = signatureOf(
    {
      ...request,
      header: (name) => header(request, name),
      path: scope.service === 's3' ? 'as it was sent' : 'encoded once more',
    },
    given.signedHeaders,
    amzDate,
    scope,
    signingKey(world, given.accessKeyId, secret, scope),
  );
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(given.signature))) throw refuse.mismatch(undefined);
  if (caller.kind === 'session' && caller.session.expiresAt <= world.clock()) throw refuse.expired();
  return { caller, region: scope.region, service: scope.service };
}

function requireSignedHeaders(request: WireRequest, given: Authorization, refuse: Refusals): void {
  const needed = ['host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token'];
  const missing = needed.filter((h) => header(request, h) !== undefined && !given.signedHeaders.includes(h));
  if (missing.length > 0)
    throw refuse.mismatch(`'${missing.join("', '")}' must be a 'SignedHeader' in the AWS Authorization.`);
}

function credentialsOf(
  world: World,
  request: WireRequest,
  accessKeyId: string,
  refuse: Refusals,
): { caller: Caller; secret: string } {
  const token = header(request, 'x-amz-security-token');
  if (token === undefined) {
    const owner = world.ownerOf(accessKeyId);
    const key = owner?.user.accessKeys.get(accessKeyId);
    if (owner === undefined || key?.status !== 'Active') throw refuse.unknown();
    return {
      caller: { kind: 'user', account: owner.account.id, accessKeyId, user: owner.user },
      secret: key.secret,
    };
  }
  const session = openSession(world, token);
  if (session === undefined || session.accessKeyId !== accessKeyId) throw refuse.unknown();
  const role = world.state.accounts.get(session.account)?.roles.get(session.roleName);
  if (role === undefined || role.id !== session.roleId) throw refuse.unknown();
  return {
    caller: { kind: 'session', account: session.account, accessKeyId, role, session },
    secret: session.secret,
  };
}

function requireFresh(now: number, amzDate: string, scope: Scope, refuse: Refusals): void {
  const signedAt = instantOf(amzDate);
  if (signedAt === undefined || !amzDate.startsWith(scope.date)) {
    throw refuse.mismatch(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.',
    );
  }
  const here = amzDateOf(now);
  if (signedAt < now - skewMs) {
    throw refuse.skewed(
      `Signature expired: ${amzDate} is now earlier than ${amzDateOf(now - skewMs)} (${here} - 5 min.)`,
    );
  }
  if (signedAt > now + skewMs) {
    throw refuse.skewed(
      `Signature not yet current: ${amzDate} is still later than ${amzDateOf(now + skewMs)} (${here} + 5 min.)`,
    );
  }
}

const signingKeys = new WeakMap<World, Map<string, Buffer>>();

function signingKey(world: World, accessKeyId: string, secret: string, scope: Scope): Buffer {
  const keys = signingKeys.get(world) ?? new Map<string, Buffer>();
  signingKeys.set(world, keys);
  const name = `${accessKeyId}/${scope.date}/${scope.region}/${scope.service}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const made = signingKeyOf(secret, scope);
  if (keys.size >= 10_000) keys.clear();
  keys.set(name, made);
  return made;
}

interface Refusals {
  missing(): AwsError;
  incomplete(message: string): AwsError;
  unknown(): AwsError;
  expired(): AwsError;
  skewed(message: string): AwsError;
  /** Without a message: the one about a signature that differs. */
  mismatch(message: string | undefined): AwsError;
}

const differs =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const invalidToken = 'The security token included in the request is invalid.';
const expiredToken = 'The security token included in the request is expired';

const REFUSALS: Readonly<Record<Protocol, Refusals>> = {
  json: {
    missing: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    incomplete: (message) => new AwsError('IncompleteSignatureException', message),
    unknown: () => new AwsError('UnrecognizedClientException', invalidToken),
    expired: () => new AwsError('ExpiredTokenException', expiredToken),
    skewed: (message) => new AwsError('InvalidSignatureException', message),
    mismatch: (message) => new AwsError('InvalidSignatureException', message ?? differs),
  },
  query: {
    missing: () => new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    incomplete: (message) => new AwsError('IncompleteSignature', message, 400),
    unknown: () => new AwsError('InvalidClientTokenId', invalidToken, 403),
    expired: () => new AwsError('ExpiredToken', expiredToken, 403),
    skewed: (message) => new AwsError('SignatureDoesNotMatch', message, 403),
    mismatch: (message) => new AwsError('SignatureDoesNotMatch', message ?? differs, 403),
  },
  xml: {
    missing: () => new AwsError('AccessDenied', 'Access Denied', 403),
    incomplete: (message) => new AwsError('AuthorizationHeaderMalformed', message, 400),
    unknown: () =>
      new AwsError(
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        403,
      ),
    expired: () => new AwsError('ExpiredToken', 'The provided token has expired.', 400),
    skewed: () =>
      new AwsError(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        403,
      ),
    mismatch: (message) => new AwsError('SignatureDoesNotMatch', message ?? differs, 403),
  },
};
