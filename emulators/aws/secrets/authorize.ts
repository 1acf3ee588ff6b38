import type { Call } from '../model/call';
import { callerArn } from '../model/caller';
import { judge } from '../policy/evaluate';
import { requestKeys } from '../policy/request-keys';
import { AwsError } from '../wire/aws-error';

/** Condition keys: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html */
export interface SecretFacts {
  readonly name?: string;
  readonly secretId?: string | undefined;
  readonly versionId?: string | undefined;
  readonly versionStage?: string | undefined;
}

/**
 * Secrets have no policies of their own here, so identity policies decide, and no other account's caller is let in.
 * @param resource ARN of the secret; of one that isn't there, without the six characters at its end
 * @throws AwsError AccessDeniedException
 */
export function authorizeSecret(call: Call, resource: string, facts: SecretFacts): void {
  const { caller, region, sourceIp, userAgent, nowMs, action } = call;
  const account = resource.split(':')[4] ?? caller.account;
  call.notes.resources.push({ accountId: account, type: 'AWS::SecretsManager::Secret', ARN: resource });
  call.notes.recipient = account;
  const values: Readonly<Record<string, string | undefined>> = {
    'secretsmanager:name': facts.name,
    'secretsmanager:secretid': facts.secretId,
    'secretsmanager:versionid': facts.versionId,
    'secretsmanager:versionstage': facts.versionStage,
  };
  const keys = requestKeys(
    { caller, region, sourceIp, userAgent, nowMs, resourceAccount: account },
    (key) => {
      const value = values[key];
      return value === undefined ? undefined : [value];
    },
  );
  const asked = `secretsmanager:${action}`;
  const verdict =
    account === caller.account
      ? judge({ caller, action: asked, resource, keys }, undefined)
      : { allowed: false as const, why: `because no resource-based policy allows the ${asked} action` };
  if (verdict.allowed) return;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${callerArn(caller)} is not authorized to perform: ${asked} on resource: ${resource} ${verdict.why}`,
  );
}
