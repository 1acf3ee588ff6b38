import { memberOf, type ProviderRecord, timeOf, wordOf } from './provider-record';

/** https://learn.microsoft.com/azure/key-vault/general/logging */
const USES: ReadonlySet<unknown> = new Set([
  'KeyWrap',
  'KeyUnwrap',
  'KeyEncrypt',
  'KeyDecrypt',
  'KeySign',
  'KeyVerify',
]);
const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const KEY_URL = /^https:\/\/([a-z0-9.-]{1,200})(?::\d{1,5})?\/keys\/([a-z0-9-]{1,127})(?=[/?]|$)/i;

/**
 * A row of a vault's AuditEvent log: as a storage account or an event hub gets it, or as Log Analytics answers it from
 * `AZKVAuditLogs` or `AzureDiagnostics`.
 */
export function auditEventOf(json: object): ProviderRecord | 'unrelated' | null {
  const read = (...names: string[]): unknown => {
    for (const name of names) {
      const value = memberOf(json, name);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  };
  const inner = (name: string) => memberOf(memberOf(json, 'properties'), name);
  const operation = read('operationName', 'OperationName');
  const atMs = timeOf(read('time', 'TimeGenerated', 'TimeGenerated [UTC]'));
  if (typeof operation !== 'string' || Number.isNaN(atMs)) return null;
  const category = read('category', 'Category');
  // A table of this category alone has no column for it.
  if (category !== undefined && category !== 'AuditEvent') return 'unrelated';
  const status = inner('httpStatusCode') ?? read('HttpStatusCode', 'httpStatusCode_d');
  const isDone = typeof status === 'number' ? status < 400 : read('resultType', 'ResultType') === 'Success';
  const correlationId = read('correlationId', 'CorrelationId');
  const requestUri = inner('requestUri') ?? read('RequestUri', 'requestUri_s');
  const key = keyOf(inner('id') ?? read('Id', 'id_s')) ?? keyOf(requestUri);
  const record = {
    provider: 'azure-key-vault' as const,
    requestId: typeof correlationId === 'string' ? correlationId : null,
    atMs,
    operation: wordOf(operation),
    isUse: USES.has(operation),
    keys: key === undefined ? [] : [key],
    refusal: isDone ? null : wordOf(read('resultSignature', 'ResultSignature')) || 'refused',
    principal: principalOf(read('identity', 'Identity'), read),
    source: wordOf(read('callerIpAddress', 'CallerIpAddress', 'CallerIPAddress')),
    agent: wordOf(inner('clientInfo') ?? read('ClientInfo', 'clientInfo_s')),
  };
  const { requestId, principal, source } = record;
  // Rows have no id of their own.
  const identity = JSON.stringify([
    read('time', 'TimeGenerated', 'TimeGenerated [UTC]'),
    ...[requestId, operation, key, status, principal, source],
  ]);
  return { ...record, identity };
}

/** The key, whichever version: a connection is to all of them. */
function keyOf(url: unknown): string | undefined {
  const [, host, name] = typeof url === 'string' ? (KEY_URL.exec(url) ?? []) : [];
  return host === undefined || name === undefined ? undefined : `https://${host}/keys/${name}`.toLowerCase();
}

/** Log Analytics has the token's claims as an object, as its text, or each as a column. */
function principalOf(identity: unknown, read: (...names: string[]) => unknown): string {
  const claims = memberOf(asObject(identity), 'claim') ?? asObject(identity);
  const claim = (name: string) => wordOf(memberOf(claims, name));
  const upn =
    claim(UPN) || wordOf(read('identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s'));
  const app = claim('appid') || wordOf(read('identity_claim_appid_g'));
  const oid =
    claim(OBJECT_ID) ||
    claim('oid') ||
    wordOf(
      read(
        'identity_claim_oid_g',
        'identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g',
      ),
    );
  const parts = [upn, app && `app ${app}`, oid && `object ${oid}`].filter((part) => part !== '');
  return parts.length === 0 ? 'no token' : parts.join(', ');
}

function asObject(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
