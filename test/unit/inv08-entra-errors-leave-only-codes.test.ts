import { inspect } from 'node:util';
import fc from 'fast-check';
import { isProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { classifyEntra, ENTRA_RULES } from '../../providers/credentials/entra-rules';

const TRACE = '5d0b2c1e-7d0a-4c53-9a36-2f3a6c4f9e10';
/** A number that no rule knows. */
const UNKNOWN = 1_234_567;

/** One refusal in each of the forms it may reach us in. */
const forms = (oauth: string, number: number) => {
  const described = `AADSTS${number}: words. Trace ID: ${TRACE} Correlation ID: ${TRACE} Timestamp: x`;
  const body = { error: oauth, error_description: described, error_codes: [number], trace_id: TRACE };
  return [
    body,
    { status: 400, body },
    {
      name: 'AuthenticationError',
      statusCode: 400,
      errorResponse: { error: oauth, errorCodes: [number], traceId: TRACE },
    },
    Object.assign(new Error(`${oauth}: ${number} - [x]: ${described}`), {
      name: 'ServerError',
      errorCode: oauth,
    }),
    Object.assign(new Error(`${oauth}: ${number} - [x]: ${described}`), {
      name: 'AuthenticationRequiredError',
    }),
  ];
};
const codesOf = (oauth: string, number: number): readonly string[] => [
  ...new Set(forms(oauth, number).map((raw) => classifyEntra(raw, 'customer').code)),
];

describe('every rule decides, in whichever form the refusal comes', () => {
  const rows = ENTRA_RULES.flatMap(({ oauth, numbers, code, reason }) =>
    oauth.flatMap((error) => (numbers ?? [UNKNOWN]).map((number) => ({ error, number, code, reason }))),
  );
  test.each(rows)('$error AADSTS$number → $code: $reason', ({ error, number, code }) => {
    expect(codesOf(error, number)).toEqual([code]);
  });
});

describe('AADSTS numbers are hints', () => {
  test.each(ENTRA_RULES.flatMap(({ oauth }) => oauth).filter((e, i, all) => all.indexOf(e) === i))(
    '%s without one, or with an unknown one, is decided all the same',
    (error) => {
      const [without] = codesOf(error, UNKNOWN);
      expect(classifyEntra({ error }, 'customer').code).toBe(without);
      // Only a malformed request of ours says nothing by its OAuth error.
      if (error !== 'invalid_request') expect(without).not.toBe('UNCLASSIFIED');
    },
  );
  test('a number that doesn’t go with the OAuth error doesn’t count', () => {
    expect(codesOf('invalid_client', 53003)).toEqual(['CREDENTIAL_INVALID']);
    expect(codesOf('invalid_scope', 700016)).toEqual(['UNCLASSIFIED']);
  });
});

test('a refused credential is ours for an app of ours, and the customer’s for a reference', () => {
  const raw = { error: 'invalid_client', error_codes: [7000222] };
  expect(classifyEntra(raw).code).toBe('OUR_IDENTITY');
  expect(classifyEntra(raw, 'operator').code).toBe('OUR_IDENTITY');
  expect(classifyEntra(raw, 'customer').code).toBe('CREDENTIAL_INVALID');
});

describe('the way to Entra', () => {
  test.each([
    [{ status: 429, body: {} }, 'THROTTLED'],
    [{ status: 503, body: '<html>' }, 'PROVIDER_TRANSIENT'],
    [{ name: 'TransportFailed', code: 'ECONNRESET' }, 'NETWORK'],
    [{ name: 'TransportFailed', code: 'ENOTFOUND' }, 'NETWORK'],
    [{ name: 'ClientAuthError', errorCode: 'network_error' }, 'NETWORK'],
    [{ name: 'CredentialUnavailableError', message: 'endpoints_resolution_error: x' }, 'NETWORK'],
    [{ name: 'AbortError' }, 'DEADLINE_EXCEEDED'],
    [{ name: 'HostNotAllowed' }, 'HOST_NOT_ALLOWED'],
    [{ status: 400, body: {} }, 'UNCLASSIFIED'],
    [undefined, 'UNCLASSIFIED'],
    ['text', 'UNCLASSIFIED'],
  ])('%j is %s', (raw, code) => {
    expect(classifyEntra(raw).code).toBe(code);
  });
});

test('the trace id is kept if it has the grammar', () => {
  for (const raw of forms('invalid_client', 7000222).filter((form) => !('errorCode' in form)))
    expect(classifyEntra(raw).requestId).toBe(TRACE);
  expect(classifyEntra({ error: 'invalid_client', trace_id: 'a b' }).requestId).toBeNull();
});

test('nothing else of it is left', () => {
  const marker = 'LeAk§';
  const marked = fc.string().map((text) => `${text}${marker}${text}`);
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...ENTRA_RULES.flatMap((r) => r.oauth)), fc.string()),
      marked,
      fc.dictionary(fc.string(), fc.oneof(marked, fc.anything())),
      (oauth, text, extra) => {
        const body = {
          error: oauth,
          error_description: text,
          error_codes: [text, Symbol('x')],
          trace_id: text,
        };
        const error = Object.assign(new Error(`${oauth}: ${text}`, { cause: text }), extra, {
          ...{ body, errorResponse: body, errorCode: oauth, errorMessage: text, traceId: text },
          ...{ stack: text, response: { headers: text }, claims: text },
        });
        const failure = classifyEntra(error);
        expect(failure).toBeInstanceOf(ProviderFailure);
        expect(isProviderCode(failure.code)).toBe(true);
        const everything = `${inspect(failure, { depth: null, showHidden: true })}${failure.stack}${JSON.stringify(failure)}`;
        expect(everything).not.toContain(marker);
        expect('cause' in failure).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});
