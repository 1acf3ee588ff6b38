import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { AzureConnection } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef, KeyVersion, OrganizationId } from '../../domain/ids';
import { bind } from '../../providers/azure-key-vault/bound-key';
import { createCall } from '../../providers/azure-key-vault/call';
import { unwrap, wrap } from '../../providers/azure-key-vault/cryptography';

const key = 'https://contoso.vault.azure.net/keys/smsk-0123456789abcdef0123';
const keyRef = `${key}/0123456789abcdef0123456789abcdef` as KeyRef;
const context = {
  organization: 'o' as OrganizationId,
  purpose: 'workspace-key',
  keyVersion: 1 as KeyVersion,
} as const;
const connection = { input: { key, tenantId: 't' } } as unknown as AzureConnection;

/** Every buffer that is decoded from base64url, or made to be wrapped, while `work` runs. */
async function buffersOf(work: () => Promise<unknown>): Promise<readonly Uint8Array[]> {
  const made: Uint8Array[] = [];
  const from = Buffer.from.bind(Buffer) as (...args: unknown[]) => Buffer;
  const spy = jest.spyOn(Buffer, 'from').mockImplementation(((...args: unknown[]) => {
    const buffer = from(...args);
    if (args[1] === 'base64url') made.push(buffer);
    return buffer;
  }) as never);
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return made;
}

const access = (httpClient: HttpClient, signal = new AbortController().signal) => ({
  call: createCall({ clock: () => 0, observe: () => undefined }),
  egress: { azure: () => ({ endpoint: 'https://contoso.vault.azure.net', httpClient }) },
  connection,
  token: 't',
  signal,
});
const answered = (request: PipelineRequest, kid: string, value: Uint8Array) => ({
  request,
  status: 200,
  headers: createHttpHeaders({ 'content-type': 'application/json' }),
  bodyAsText: JSON.stringify({ kid, value: Buffer.from(value).toString('base64url') }),
});
const answering = (kid: string, value: Uint8Array): HttpClient => ({
  sendRequest: async (request) => answered(request, kid, value),
});
const secret = new Uint8Array(32).fill(7);
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

test('the caller gets a copy, and what was decoded is zeroed', async () => {
  let bytes: Uint8Array | undefined;
  const buffers = await buffersOf(async () => {
    ({ bytes } = await unwrap(
      access(answering(keyRef, bind(secret, context))),
      keyRef,
      new Uint8Array(256),
      context,
    ));
  });
  expect(bytes).toEqual(secret);
  expect(buffers.length).toBeGreaterThan(0);
  expect(buffers.every(isZero)).toBe(true);
});

test.each([
  ['another key answered', `${key}/${'0'.repeat(32)}`, bind(secret, context), 'KEY_MISMATCH'],
  [
    'it is of another context',
    keyRef,
    bind(secret, { ...context, purpose: 'canary' }),
    'CIPHERTEXT_OR_ALG_MISMATCH',
  ],
] as const)('also when %s', async (_name, kid, value, code) => {
  const buffers = await buffersOf(() =>
    expect(unwrap(access(answering(kid, value)), keyRef, new Uint8Array(256), context)).rejects.toEqual(
      new ProviderFailure(code),
    ),
  );
  expect(buffers.length).toBeGreaterThan(0);
  expect(buffers.every(isZero)).toBe(true);
});

test('also when the answer comes after the deadline', async () => {
  const deadline = new AbortController();
  let answer = (): void => undefined;
  let asked = (): void => undefined;
  const sent = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const vault: HttpClient = {
    sendRequest: (request) =>
      new Promise((resolve) => {
        answer = () => resolve(answered(request, keyRef, bind(secret, context)));
        asked();
      }),
  };
  const buffers = await buffersOf(async () => {
    const late = unwrap(access(vault, deadline.signal), keyRef, new Uint8Array(256), context);
    late.catch(() => undefined);
    await sent;
    deadline.abort();
    await expect(late).rejects.toEqual(new ProviderFailure('DEADLINE_EXCEEDED'));
    answer();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  });
  expect(buffers.length).toBeGreaterThan(0);
  expect(buffers.every(isZero)).toBe(true);
});

test('what is wrapped is a copy that is zeroed, and the caller’s stays', async () => {
  const made: Uint8Array[] = [];
  const set = Uint8Array.prototype.set;
  const spy = jest.spyOn(Uint8Array.prototype, 'set').mockImplementation(function (
    this: Uint8Array,
    ...args: Parameters<typeof set>
  ) {
    if (this.length === 65) made.push(this);
    return set.apply(this, args);
  });
  try {
    const target = { version: null, accepts: () => true };
    await wrap(access(answering(keyRef, new Uint8Array(256))), target, secret, context);
  } finally {
    spy.mockRestore();
  }
  expect(made.length).toBeGreaterThan(0);
  expect(made.every(isZero)).toBe(true);
  expect(secret).toEqual(new Uint8Array(32).fill(7));
});
