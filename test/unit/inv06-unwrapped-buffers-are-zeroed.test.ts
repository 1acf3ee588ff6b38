import type { KMSClient } from '@aws-sdk/client-kms';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef, KeyVersion, OrganizationId } from '../../domain/ids';
import { createCall } from '../../providers/aws-kms/call';
import { decrypt } from '../../providers/aws-kms/cryptography';

const call = createCall({ provider: 'aws-kms', clock: () => 0, observe: () => {} });
const where = { region: 'eu-central-1', signal: new AbortController().signal };
const keyRef = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555' as KeyRef;
const context = {
  organization: 'o' as OrganizationId,
  purpose: 'workspace-key',
  keyVersion: 1 as KeyVersion,
} as const;
const answering = (answer: object) =>
  ({ send: async () => ({ $metadata: {}, ...answer }) }) as unknown as KMSClient;

test('the caller gets a copy, and the SDK’s buffer is zeroed', async () => {
  const Plaintext = new Uint8Array(32).fill(7);
  const { bytes } = await decrypt(
    call,
    answering({ KeyId: keyRef, Plaintext }),
    where,
    keyRef,
    new Uint8Array(1),
    context,
  );
  expect(bytes).toEqual(new Uint8Array(32).fill(7));
  expect(Plaintext).toEqual(new Uint8Array(32));
  expect(bytes.buffer).not.toBe(Plaintext.buffer);
});

test('also when the answer comes after the deadline', async () => {
  const Plaintext = new Uint8Array(32).fill(7);
  const deadline = new AbortController();
  let answer: (value: object) => void = () => undefined;
  const kms = {
    send: () => new Promise((resolve) => (answer = resolve)),
  } as unknown as KMSClient;
  const late = decrypt(call, kms, { ...where, signal: deadline.signal }, keyRef, new Uint8Array(1), context);
  deadline.abort();
  await expect(late).rejects.toEqual(new ProviderFailure('DEADLINE_EXCEEDED'));
  answer({ $metadata: {}, KeyId: keyRef, Plaintext });
  await new Promise(setImmediate);
  expect(Plaintext).toEqual(new Uint8Array(32));
});

test('also when another key answered', async () => {
  const Plaintext = new Uint8Array(32).fill(7);
  const kms = answering({ KeyId: `${keyRef}2`, Plaintext });
  await expect(decrypt(call, kms, where, keyRef, new Uint8Array(1), context)).rejects.toEqual(
    new ProviderFailure('KEY_MISMATCH'),
  );
  expect(Plaintext).toEqual(new Uint8Array(32));
});
