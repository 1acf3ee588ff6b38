import { inspect } from 'node:util';
import fc from 'fast-check';
import { isProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { partitionOf } from '../../domain/intake/aws';
import { classify } from '../../providers/aws-kms/classify';
import { type AwsOperation, OPT_IN_REGIONS, RULES } from '../../providers/aws-kms/rules';

const OPERATIONS: AwsOperation[] = ['assume-role', 'trust-probe', 'wrap', 'unwrap', 'control'];
const raw = (name: string, message = '', rest: object = {}): Error =>
  Object.assign(new Error(message), { name, ...rest });
const codeOf = (error: unknown, operation: AwsOperation = 'unwrap', region = 'eu-central-1'): string =>
  classify(error, operation, region).code;

describe('every rule decides', () => {
  const rows = RULES.flatMap((rule) => rule.names.map((name) => ({ ...rule, name })));
  test.each(rows)('$name → $code: $reason', ({ name, code, during, says, optIn }) => {
    const message = says === undefined ? '' : `arn is ${says.source}`;
    const region = optIn === true ? 'af-south-1' : 'eu-central-1';
    for (const operation of during ?? OPERATIONS) {
      expect(codeOf(raw(name, message), operation, region)).toBe(code);
    }
  });
});

describe('what only depends', () => {
  test.each([
    ['wrap', 'WRAP_DENIED'],
    ['unwrap', 'UNWRAP_DENIED'],
    ['assume-role', 'ROLE_ASSUME_DENIED'],
    ['trust-probe', 'ROLE_ASSUME_DENIED'],
    ['control', 'OUR_IDENTITY'],
  ] as const)('a denial during %s is %s', (operation, code) => {
    expect(codeOf(raw('AccessDeniedException'), operation)).toBe(code);
    expect(codeOf(raw('AccessDenied'), operation)).toBe(code);
  });
  test('unknown credentials mean a region that is off only where regions can be off', () => {
    expect(codeOf(raw('UnrecognizedClientException'), 'unwrap', 'eu-south-1')).toBe('REGION_NOT_ENABLED');
    expect(codeOf(raw('UnrecognizedClientException'), 'unwrap', 'us-east-1')).toBe('OUR_IDENTITY');
  });
  test('every opt-in region is one we know', () => {
    for (const region of OPT_IN_REGIONS) expect(partitionOf(region)).toBe('aws');
  });
});

describe('the way to the provider', () => {
  test.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'HPE_INVALID_CONSTANT',
  ])('%s is NETWORK', (code) => {
    expect(codeOf(raw('Error', '', { code }))).toBe('NETWORK');
  });
  test('several addresses, none of them reached', () => {
    const errors = [raw('Error', '', { code: 'ECONNREFUSED' }), raw('Error', '', { code: 'ENETUNREACH' })];
    expect(codeOf(new AggregateError(errors))).toBe('NETWORK');
    expect(codeOf(new AggregateError([...errors, raw('Error')]))).toBe('UNCLASSIFIED');
    expect(codeOf(new AggregateError([]))).toBe('UNCLASSIFIED');
  });
  test.each([
    [503, 'SyntaxError', 'PROVIDER_TRANSIENT'],
    [502, 'Unknown', 'PROVIDER_TRANSIENT'],
    [500, 'Error', 'PROVIDER_TRANSIENT'],
    [500, 'NeverSeenException', 'UNCLASSIFIED'],
    [200, 'SyntaxError', 'UNCLASSIFIED'],
    [404, 'Unknown', 'UNCLASSIFIED'],
  ])('HTTP %i named %s is %s', (httpStatusCode, name, code) => {
    expect(codeOf(raw(name, '', { $metadata: { httpStatusCode } }))).toBe(code);
  });
});

describe('whatever is thrown', () => {
  test.each([[undefined], [null], ['text'], [42], [Symbol('x')], [() => {}], [{}], [[]], [new Map()]])(
    '%p is UNCLASSIFIED',
    (thing) => {
      expect(codeOf(thing)).toBe('UNCLASSIFIED');
    },
  );
  test('even an error whose properties throw', () => {
    const hostile = new Proxy(new Error(), {
      get: () => {
        throw new Error('leak');
      },
    });
    expect(codeOf(hostile)).toBe('UNCLASSIFIED');
  });

  test('nothing of it is left in the failure', () => {
    const marker = 'LeAk§';
    const names = fc.oneof(fc.constantFrom(...RULES.flatMap((r) => r.names)), fc.string());
    const marked = fc.string().map((text) => `${text}${marker}${text}`);
    fc.assert(
      fc.property(
        names,
        marked,
        fc.dictionary(fc.string(), fc.oneof(marked, fc.anything())),
        fc.constantFrom(...OPERATIONS),
        (name, text, extra, operation) => {
          const error = Object.assign(new Error(text, { cause: new Error(text) }), extra, {
            name,
            stack: `${text}\n at ${text}`,
            code: text,
            KeyId: text,
            $fault: text,
            $response: { headers: { 'x-amzn-requestid': text }, body: text },
            $metadata: { requestId: text, extendedRequestId: text, cfId: text, httpStatusCode: 400 },
          });
          const failure = classify(error, operation, 'eu-central-1');
          expect(failure).toBeInstanceOf(ProviderFailure);
          expect(isProviderCode(failure.code)).toBe(true);
          expect(failure.requestId).toBeNull();
          const everything = `${inspect(failure, { depth: null, showHidden: true })}${failure.stack}${JSON.stringify(failure)}`;
          expect(everything).not.toContain(marker);
          expect('cause' in failure).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a request id of the grammar is kept, any other dropped', () => {
    const kept = '5d0b2c1e-7d0a-4c53-9a36-2f3a6c4f9e10';
    const of = (requestId: unknown) =>
      classify(raw('X', '', { $metadata: { requestId } }), 'wrap', 'eu-west-1');
    expect(of(kept).requestId).toBe(kept);
    for (const other of ['a'.repeat(65), 'a b', '', '-a', 7, {}, 'a\n'])
      expect(of(other).requestId).toBeNull();
  });
});
