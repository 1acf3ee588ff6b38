import { inspect } from 'node:util';
import fc from 'fast-check';
import { isProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { EntraRefusal } from '../../providers/credentials/azure-token';
import { classifyEntra, ENTRA_RULES } from '../../providers/credentials/entra-rules';
import { HostNotAllowed } from '../../providers/egress/host-not-allowed';
import { TransportFailed } from '../../providers/egress/transport-failed';

const TRACE = '5d0b2c1e-7d0a-4c53-9a36-2f3a6c4f9e10';
/** A number that no rule knows. */
const UNKNOWN = 1_234_567;

/** One refusal, with its number where Entra writes it twice, and in the description alone. */
const forms = (oauth: string, number: number): readonly EntraRefusal[] => {
  const described = `AADSTS${number}: words. Trace ID: ${TRACE} Correlation ID: ${TRACE} Timestamp: x`;
  const body = { error: oauth, error_description: described, trace_id: TRACE };
  return [new EntraRefusal(400, { ...body, error_codes: [number] }), new EntraRefusal(400, body)];
};
const codesOf = (oauth: string, number: number): readonly string[] => [
  ...new Set(forms(oauth, number).map((raw) => classifyEntra(raw, 'customer').code)),
];

describe('every rule decides, wherever the number stands', () => {
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
      expect(classifyEntra(new EntraRefusal(400, { error }), 'customer').code).toBe(without);
      // Only a malformed request of ours says nothing by its OAuth error.
      if (error !== 'invalid_request') expect(without).not.toBe('UNCLASSIFIED');
    },
  );
  test('a number that doesn’t go with the OAuth error doesn’t count', () => {
    expect(codesOf('invalid_client', 53003)).toEqual(['CREDENTIAL_INVALID']);
    expect(codesOf('invalid_scope', 700016)).toEqual(['UNCLASSIFIED']);
  });
  test('beside an OAuth error that we don’t know it is all there is', () => {
    expect(codesOf('something_new', 700016)).toEqual(['SP_NOT_IN_TENANT']);
    expect(codesOf('something_new', UNKNOWN)).toEqual(['UNCLASSIFIED']);
  });
});

test('a refused credential is ours for an app of ours, and the customer’s for a reference', () => {
  const raw = new EntraRefusal(401, { error: 'invalid_client', error_codes: [7000222] });
  expect(classifyEntra(raw, 'operator').code).toBe('OUR_IDENTITY');
  expect(classifyEntra(raw, 'customer').code).toBe('CREDENTIAL_INVALID');
});

describe('the way to Entra', () => {
  const aborted = Object.assign(new Error('aborted'), { name: 'AbortError' });
  test.each([
    ['429', new EntraRefusal(429, {}), 'THROTTLED'],
    ['503 without an error', new EntraRefusal(503, undefined), 'PROVIDER_TRANSIENT'],
    ['400 without an error', new EntraRefusal(400, {}), 'UNCLASSIFIED'],
    ['ECONNRESET', new TransportFailed({ code: 'ECONNRESET' }), 'NETWORK'],
    ['ENOTFOUND', new TransportFailed({ code: 'ENOTFOUND' }), 'NETWORK'],
    ['an abort', aborted, 'DEADLINE_EXCEEDED'],
    ['a sign-in host that leads elsewhere', new HostNotAllowed(), 'OUR_DNS'],
    ['a body that nobody refused with', { error: 'invalid_client' }, 'UNCLASSIFIED'],
    ['nothing', undefined, 'UNCLASSIFIED'],
    ['text', 'text', 'UNCLASSIFIED'],
  ])('%s', (_name, raw, code) => {
    for (const owner of ['operator', 'customer'] as const) expect(classifyEntra(raw, owner).code).toBe(code);
  });
});

test('the trace id is kept if it has the grammar', () => {
  for (const raw of forms('invalid_client', 7000222))
    expect(classifyEntra(raw, 'operator').requestId).toBe(TRACE);
  const other = new EntraRefusal(401, { error: 'invalid_client', trace_id: 'a b' });
  expect(classifyEntra(other, 'operator').requestId).toBeNull();
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
          ...extra,
          error: oauth,
          error_description: text,
          error_codes: [text, Symbol('x')],
          trace_id: text,
        };
        const refusal = Object.assign(new EntraRefusal(400, body), { stack: text, cause: text });
        const failure = classifyEntra(refusal, 'operator');
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
