import { readFile } from 'node:fs/promises';
import { STSClient } from '@aws-sdk/client-sts';
import { z } from 'zod';
import type { AwsCredentials, AwsIdentity } from '../aws-kms/clients';
import { foreignJson } from '../calls/foreign-json';
import type { Egress } from '../egress/egress';

/** IAM's grammars; `secretAccessKey` is only ever compared and signed with. */
const credentialsFile = z.strictObject({
  accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/),
  secretAccessKey: z.string().regex(/^[A-Za-z0-9/+=]{16,128}$/),
  sessionToken: z.string().max(8192).optional(),
});

/**
 * An identity mounted as a file: `{"accessKeyId", "secretAccessKey", "sessionToken"?}`. Read anew each time it is
 * asked for, so that a rotated one counts from the next session on.
 * @throws Error that never holds the file's content.
 */
export function fileIdentity(path: string): AwsIdentity {
  return async () => awsCredentialsOf(await readFile(path, 'utf8'));
}

/** @throws Error that holds nothing of the text */
export function awsCredentialsOf(text: string): AwsCredentials {
  const parsed = credentialsFile.safeParse(foreignJson(text));
  if (!parsed.success) throw new Error('the AWS credentials file is not of its form');
  const { sessionToken, ...rest } = parsed.data;
  return sessionToken === undefined ? rest : { ...rest, sessionToken };
}

/**
 * The SDK's own chain: web identity (EKS), container and instance roles. Its STS calls go out by the same
 * egress; instance and container metadata come from the link-local addresses AWS fixed for them.
 */
export function chainIdentity(egress: Egress, region: string): AwsIdentity {
  const { credentials } = new STSClient({ ...egress.aws('sts', region), region, maxAttempts: 1 }).config;
  return async (options) => credentials({ forceRefresh: options?.refresh === true });
}
