import type { AwsPolicy, AzurePolicy } from '../../api/client';

/** Everything to paste at AWS. */
export function awsPolicyText(policy: AwsPolicy): string {
  const { principalArn, externalId, keyPolicy, trustPolicy, rolePolicy, text } = policy;
  const json = (document: unknown) => JSON.stringify(document, null, 2);
  const isOwn = principalArn === null;
  return [
    ...(isOwn
      ? ['We come as   an identity of your own, whose credential only lies with us']
      : [`We come as   ${principalArn}`, `external ID  ${externalId}`]),
    '',
    'KEY POLICY (replaces the key’s present one; its first statement keeps you its administrator)',
    json(keyPolicy),
    '',
    ...(isOwn ? [] : ['TRUST POLICY of the role', json(trustPolicy), '']),
    isOwn ? 'PERMISSIONS of the identity' : 'PERMISSIONS of the role',
    json(rolePolicy),
    '',
    'THE SAME WITH THE AWS CLI',
    text,
  ].join('\n');
}

/** Everything to do in Azure; the role stands in the commands. */
export function azurePolicyText({ clientId, keyNameToken, text }: AzurePolicy): string {
  return [
    `We come as   ${clientId === null ? 'your own app registration' : `app ${clientId}`}`,
    `key’s name   ${clientId === null ? 'as you like' : `contains ${keyNameToken}, unless that app is for you alone`}`,
    '',
    'WITH THE AZURE CLI',
    text,
  ].join('\n');
}
