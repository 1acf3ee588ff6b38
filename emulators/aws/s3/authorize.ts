import type { Call } from '../model/call';
import { judge } from '../policy/evaluate';
import { requestKeys } from '../policy/request-keys';
import { AwsError } from '../wire/aws-error';

/**
 * Buckets have no policies of their own here, so identity policies decide, and no other account's caller is let in.
 * @param action as policies name it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * @param own the action's own condition keys, in lower case
 */
export function mayUse(
  call: Call,
  account: string,
  action: string,
  resource: string,
  own: Readonly<Record<string, string | undefined>> = {},
): boolean {
  const { caller, region, sourceIp, userAgent, nowMs } = call;
  const facts = { caller, region, sourceIp, userAgent, nowMs, resourceAccount: account };
  const keys = requestKeys(facts, (key) => {
    const value = own[key];
    return value === undefined ? undefined : [value];
  });
  return account === caller.account && judge({ caller, action, resource, keys }, undefined).allowed;
}

/** @throws AwsError AccessDenied */
export function demand(...asked: Parameters<typeof mayUse>): void {
  if (!mayUse(...asked)) throw new AwsError('AccessDenied', 'Access Denied', 403);
}

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string): string => `${bucketArn(bucket)}/${key}`;
