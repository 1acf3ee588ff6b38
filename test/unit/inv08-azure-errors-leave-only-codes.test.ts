import { inspect } from 'node:util';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { isProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { answerOf, VaultRefusal } from '../../providers/azure-key-vault/answer';
import { classify } from '../../providers/azure-key-vault/classify';
import { VAULT_RULES, type VaultOperation } from '../../providers/azure-key-vault/rules';

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const OPERATIONS: VaultOperation[] = ['wrap-key', 'unwrap-key'];
interface Told {
  readonly inner?: string;
  readonly says?: string;
  readonly challenged?: string;
}
const codeOf = (raw: unknown, operation: VaultOperation = 'unwrap-key'): string =>
  classify(raw, { operation, tenantId: TENANT }).code;
const refused = (status: number, { inner = '', says = '', challenged }: Told = {}): VaultRefusal =>
  new VaultRefusal(status, 'Forbidden', inner, says, challenged ?? null, null);
const raw = (name: string, rest: object = {}): Error => Object.assign(new Error(''), { name, ...rest });

/** A text that each rule with `says` must recognize. */
const SAYINGS: readonly (readonly [string, string])[] = [
  ['KEY_DISABLED', 'Operation unwrapKey is not allowed on a disabled key.'],
  ['KEY_EXPIRED_OR_NBF', 'Operation wrapKey is not allowed on an expired key.'],
  ['KEY_OPS_MISSING', 'Operation wrapKey is not permitted on this key.'],
  ['KEY_WRONG_TYPE', 'Key https://v.vault.azure.net/keys/k is of type ’EC’, which is incompatible.'],
  ['TENANT_MISMATCH', 'AKV10032: Invalid issuer. Expected one of …'],
];

describe('every rule decides', () => {
  const rows = VAULT_RULES.flatMap((rule) => (rule.inner ?? ['']).map((inner) => ({ ...rule, inner })));
  test.each(rows)(
    '$status $inner during $during → $code: $reason',
    ({ status, inner, during, says, code }) => {
      const text = says === undefined ? '' : (SAYINGS.find(([of]) => of === code)?.[1] ?? '');
      for (const operation of during === undefined ? OPERATIONS : [during])
        expect(codeOf(refused(status, { inner, says: text }), operation)).toBe(code);
    },
  );
});

describe('what only depends', () => {
  test.each([
    ['wrap-key', 'WRAP_DENIED'],
    ['unwrap-key', 'UNWRAP_DENIED'],
  ] as const)('a 403 of an unknown kind during %s is %s', (operation, code) => {
    expect(codeOf(refused(403, { inner: 'NeverSeen' }), operation)).toBe(code);
  });
  test('no name that a customer gives makes a denial look like something else', () => {
    for (const name of ['expired-key', 'on-a-disabled-key', 'is-not-permitted-on-this-key']) {
      const says = `Caller is not authorized. Resource: '/vaults/v/keys/${name}'`;
      expect(codeOf(refused(403, { inner: 'ForbiddenByRbac', says }))).toBe('RBAC_DENIED');
    }
  });
  test('a challenge for another tenant is a mismatch, one for ours is an ended token', () => {
    const other = '00000000-86f1-41af-91ab-2d7cd011db47';
    expect(codeOf(refused(401, { challenged: other }))).toBe('TENANT_MISMATCH');
    expect(codeOf(refused(401, { challenged: TENANT }))).toBe('SESSION_EXPIRED');
    expect(codeOf(refused(403, { challenged: other }))).toBe('UNWRAP_DENIED');
  });
  test.each([500, 502, 503, 504, 599])('%i is the provider’s trouble', (status) => {
    expect(codeOf(refused(status))).toBe('PROVIDER_TRANSIENT');
  });
  test.each([100, 204, 302, 405, 418])('%i is nothing we know', (status) => {
    expect(codeOf(refused(status))).toBe('UNCLASSIFIED');
  });
});

describe('the way to the vault', () => {
  test('a name without an address is no vault', () => {
    expect(codeOf(raw('TransportFailed', { code: 'ENOTFOUND' }))).toBe('VAULT_PURGED_OR_WRONG');
  });
  test.each([
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'CERT_HAS_EXPIRED',
    'ERR_SSL_X',
    'UNKNOWN',
  ])('%s is NETWORK', (code) => {
    expect(codeOf(raw('TransportFailed', { code }))).toBe('NETWORK');
  });
  test.each([
    ['HostNotAllowed', 'HOST_NOT_ALLOWED'],
    ['AbortError', 'DEADLINE_EXCEEDED'],
    ['RequestNotAllowed', 'UNCLASSIFIED'],
  ])('%s is %s', (name, code) => {
    expect(codeOf(raw(name))).toBe(code);
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

  const marker = 'LeAk§';
  const marked = fc.string().map((text) => `${text}${marker}${text}`);
  const leavesNothing = (failure: ProviderFailure): void => {
    expect(failure).toBeInstanceOf(ProviderFailure);
    expect(isProviderCode(failure.code)).toBe(true);
    const everything = `${inspect(failure, { depth: null, showHidden: true })}${failure.stack}${JSON.stringify(failure)}`;
    expect(everything).not.toContain(marker);
    expect('cause' in failure).toBe(false);
  };

  test('nothing of an answer is left in the failure', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 201, max: 599 }),
        marked,
        fc.oneof(fc.constantFrom(...VAULT_RULES.flatMap((r) => r.inner ?? [])), marked),
        fc.constantFrom(...OPERATIONS),
        (status, text, inner, operation) => {
          const request = createPipelineRequest({ url: `https://${'v'}.vault.azure.net/` });
          request.headers.set('x-ms-client-request-id', text);
          const bodyAsText = JSON.stringify({
            error: { code: text, message: text, innererror: { code: inner, message: text } },
          });
          const headers = createHttpHeaders({
            'x-ms-request-id': text,
            'www-authenticate': `Bearer authorization="${text}"`,
          });
          try {
            answerOf({ request, status, headers, bodyAsText });
          } catch (refusal) {
            const failure = classify(refusal, { operation, tenantId: TENANT });
            leavesNothing(failure);
            expect(failure.requestId).toBeNull();
            return;
          }
          throw new Error('it was taken for an answer');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('nothing of an error is left in the failure', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom('TransportFailed', 'HostNotAllowed', 'AbortError', 'RestError'),
          fc.string(),
        ),
        marked,
        fc.dictionary(fc.string(), fc.oneof(marked, fc.anything())),
        fc.constantFrom(...OPERATIONS),
        (name, text, extra, operation) => {
          const error = Object.assign(new Error(text, { cause: new Error(text) }), extra, {
            name,
            stack: `${text}\n at ${text}`,
            code: text,
            request: { url: text, headers: { authorization: text } },
            response: { bodyAsText: text },
            details: { error: { message: text } },
          });
          leavesNothing(classify(error, { operation, tenantId: TENANT }));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a request id', () => {
  const exchange = (sent: string | undefined, answered: string | undefined) => {
    const request = createPipelineRequest({ url: 'https://v.vault.azure.net/' });
    if (sent !== undefined) request.headers.set('x-ms-client-request-id', sent);
    const headers = createHttpHeaders(answered === undefined ? {} : { 'x-ms-request-id': answered });
    return answerOf({ request, status: 200, headers, bodyAsText: '{}' }).requestId;
  };
  const sent = '5d0b2c1e-7d0a-4c53-9a36-2f3a6c4f9e10';
  test('is the one we sent, once the vault has answered with its own', () => {
    expect(exchange(sent, 'x')).toBe(sent);
    // A gateway in front of the vault has no row in the vault's log.
    expect(exchange(sent, undefined)).toBeNull();
  });
  test('of another form is dropped', () => {
    for (const other of ['a b', '-a', 'a'.repeat(65)]) expect(exchange(other, 'x')).toBeNull();
  });
});
