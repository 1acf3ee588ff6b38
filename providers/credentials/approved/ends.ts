import type { UsableReference } from '../../../domain/credential-reference';
import type { CredentialEnds } from '../../../domain/ports/credential-references';
import { awsCredentialsOf } from '../aws';
import { appCredentialOf } from './azure';
import type { ReadCredential } from './read';

/** Beside the registered date, what an app's certificate and the place itself say, if they can be read now. */
export const credentialEnds = (read: ReadCredential): CredentialEnds => ({
  async endOf(entry, signal) {
    try {
      return await ownEndOf(read, entry, signal);
    } catch {
      return Date.parse(entry.notAfter);
    }
  },
});

async function ownEndOf(read: ReadCredential, entry: UsableReference, signal: AbortSignal): Promise<number> {
  if (entry.provider === 'aws-kms') return (await read(entry, awsCredentialsOf, signal)).endsAtMs;
  const { value, endsAtMs } = await read(entry, appCredentialOf, signal);
  return value.kind === 'certificate' ? Math.min(endsAtMs, value.certificate.expiresAtMs) : endsAtMs;
}
