import type { AwsReferencedOf } from '../../aws-kms/referenced';
import { awsCredentialsOf } from '../aws';
import type { EntryFor } from './entry';
import { type ReadCredential, requireInTime } from './read';

/**
 * Credentials of the customer's own at AWS: an IAM user's access key, or a role's, which come with a session token
 * and are renewed where they lie.
 */
export const approvedAws =
  (entryFor: EntryFor, read: ReadCredential, clock: () => number): AwsReferencedOf =>
  async (connection, signal) => {
    const entry = await entryFor(connection, signal);
    const isRole = entry.identity.split(':')[5]?.startsWith('role/') === true;
    return {
      registration: entry.registration,
      identity: entry.identity,
      credentials: async (own) => {
        const { value, endsAtMs } = await read(entry, (text) => credentialsOf(text, isRole), own);
        requireInTime(endsAtMs, clock());
        return { ...value, endsAtMs };
      },
    };
  };

/** @throws Error that holds nothing of the text */
function credentialsOf(text: string, isRole: boolean) {
  const credentials = awsCredentialsOf(text);
  if (isRole !== (credentials.sessionToken !== undefined))
    throw new Error('a role’s credentials have a session token, and a user’s have none');
  return credentials;
}
