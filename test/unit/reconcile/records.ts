import type { ProviderName } from '../../../domain/custody';

/** One call as a test thinks of it; rendered as either provider's log has it. */
export interface Made {
  readonly id: string;
  readonly atMs: number;
  readonly operation?: string;
  readonly refusal?: string;
  readonly principal?: string;
  readonly key?: string | null;
}

export const KEYS = {
  'aws-kms': 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  'azure-key-vault': 'https://acme.vault.azure.net/keys/root',
} as const satisfies Record<ProviderName, string>;
export const OURS = 'arn:aws:sts::111122223333:assumed-role/novantra/acme@api';

const iso = (ms: number) => new Date(ms).toISOString();

/** A record of a CloudTrail log file. */
export const cloudTrail = ({ id, atMs, operation = 'Decrypt', refusal, principal = OURS, key }: Made) => ({
  eventVersion: '1.11',
  userIdentity: { type: 'AssumedRole', arn: principal, accountId: '111122223333' },
  eventTime: `${iso(atMs).slice(0, 19)}Z`,
  eventSource: 'kms.amazonaws.com',
  eventName: operation,
  awsRegion: 'eu-central-1',
  sourceIPAddress: '203.0.113.7',
  userAgent: 'aws-sdk-js/3',
  ...(refusal === undefined ? {} : { errorCode: refusal, errorMessage: 'not shown' }),
  requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
  responseElements: null,
  requestID: id,
  eventID: `event-${id}`,
  readOnly: true,
  resources:
    key === null ? [] : [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key ?? KEYS['aws-kms'] }],
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
});

const APP = '00001111-aaaa-2222-bbbb-3333cccc4444';

/** A row of a vault's AuditEvent log, as a storage account has it. */
export const auditEvent = ({ id, atMs, operation = 'KeyUnwrap', refusal, principal = APP, key }: Made) => ({
  time: iso(atMs).replace('Z', '1234Z'),
  resourceId: '/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/ACME',
  operationName: operation,
  operationVersion: '7.4',
  category: 'AuditEvent',
  resultType: refusal === undefined ? 'Success' : 'Failed',
  resultSignature: refusal ?? 'OK',
  resultDescription: '',
  durationMs: '16',
  callerIpAddress: '203.0.113.7',
  correlationId: id,
  identity: { claim: { appid: principal } },
  properties: {
    clientInfo: 'azsdk-js',
    requestUri: 'https://acme.vault.azure.net/keys/root/unwrapkey?api-version=7.4',
    ...(key === null ? { requestUri: '' } : { id: key ?? `${KEYS['azure-key-vault']}/${'a'.repeat(32)}` }),
    httpStatusCode: refusal === undefined ? 200 : 403,
  },
});

export const RENDER = { 'aws-kms': cloudTrail, 'azure-key-vault': auditEvent } as const;
