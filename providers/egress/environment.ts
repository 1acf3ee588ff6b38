import { AZURE_CLOUDS } from '../../domain/intake/azure';

export interface RefusedVariable {
  readonly name: RegExp;
  /** Refused with such a value only; absent: with any. */
  readonly value?: RegExp;
  readonly reason: string;
}

/**
 * @throws Error that names each offending variable (never its value) and why it is refused.
 */
export function refuseVariables(
  env: Readonly<Record<string, string | undefined>>,
  refused: readonly RefusedVariable[],
): void {
  const found = Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    const rule = refused.find((r) => r.name.test(name) && (r.value?.test(value) ?? true));
    return rule === undefined ? [] : [`${name} (${rule.reason})`];
  });
  if (found.length > 0) throw new Error(`unset these environment variables: ${found.join(', ')}`);
}

/** What weakens every connection of a Node process, or prints what goes over it. */
export const NODE_VARIABLES: readonly RefusedVariable[] = [
  { name: /^NODE_TLS_REJECT_UNAUTHORIZED$/, value: /^0$/, reason: 'turns off certificate checks' },
  {
    name: /^NODE_DEBUG$/,
    value: /(^|,)\s*(https?|tls|net|\*)/i,
    reason: 'prints requests, with their tokens, to the standard error',
  },
  { name: /^NODE_OPTIONS$/, value: /--tls-keylog|--trace-tls/, reason: 'writes down what TLS protects' },
];

const LOGIN = Object.values(AZURE_CLOUDS)
  .map(({ loginHost }) => loginHost.replaceAll('.', '\\.'))
  .join('|');

/**
 * Our own requests read none of these; but whoever set one expected it to count, and the SDK's logging does. What
 * AKS and App Service put there by themselves (`AZURE_CLIENT_ID`, `AZURE_TENANT_ID`, `AZURE_FEDERATED_TOKEN_FILE`,
 * a cloud's own `AZURE_AUTHORITY_HOST`, `IDENTITY_ENDPOINT`) is let be; `identityEndpoint` judges the last where it is used.
 */
const AZURE_VARIABLES: readonly RefusedVariable[] = [
  {
    name: /^AZURE_AUTHORITY_HOST$/,
    value: new RegExp(`^(?!https://(?:${LOGIN})/?$)`),
    reason: 'names another sign-in host; ours is that of the key’s cloud',
  },
  { name: /^AZURE_REGIONAL_AUTHORITY_NAME$/, reason: 'chooses another sign-in host' },
  {
    name: /^AZURE_POD_IDENTITY_AUTHORITY_HOST$/,
    reason: 'takes the identity of this process from elsewhere',
  },
  { name: /^AZURE_IDENTITY_DISABLE_/, reason: 'turns off part of the sign-in' },
  {
    name: /^AZURE_(CLIENT_SECRET|PASSWORD|CLIENT_CERTIFICATE_PASSWORD)$/,
    reason: 'holds a secret that nothing here reads; name a file in azure.apps of the configuration',
  },
  {
    name: /^(AZURE|TYPESPEC_RUNTIME)_LOG_LEVEL$/,
    reason: 'makes Azure’s SDK print what it sends, past our logging',
  },
  {
    name: /^DEBUG$/,
    value: /(^|[\s,])(azure|typeSpecRuntime|\*)/i,
    reason: 'makes Azure’s SDK print what it sends, past our logging',
  },
];

/**
 * The twin of AWS's `refuseEndpointEnvironment`; called by every composition root that reaches Azure, before the
 * first client is made.
 * @throws Error that names each offending variable (never its value) and why it is refused.
 */
export function refuseAzureEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  refuseVariables(env, [...AZURE_VARIABLES, ...NODE_VARIABLES]);
}
