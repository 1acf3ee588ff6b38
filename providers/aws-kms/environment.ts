import { NODE_VARIABLES, type RefusedVariable, refuseVariables } from '../egress/environment';

/**
 * Variables that make an AWS SDK ask elsewhere, or trust somebody else, than what is computed and pinned here.
 * Endpoints are passed to every client of ours, so most would do nothing; but the clients inside the SDK's
 * credential chain read them too, and whoever set one expected it to count. So none may be set.
 */
const REFUSED: readonly RefusedVariable[] = [
  { name: /^AWS_ENDPOINT_URL(_.*)?$/, reason: 'sends AWS calls to another endpoint' },
  { name: /^AWS_STS_REGIONAL_ENDPOINTS$/, reason: 'chooses the STS endpoint' },
  { name: /^AWS_USE_(FIPS|DUALSTACK)_ENDPOINT$/, reason: 'chooses other endpoints' },
  { name: /^AWS_CA_BUNDLE$/, reason: 'adds certificate authorities' },
  {
    name: /^AWS_(DEFAULT_)?PROFILE$/,
    reason: 'names a profile, which may carry endpoints and certificate authorities',
  },
  { name: /^AWS_CONFIG_FILE$/, reason: 'names a file that may carry endpoints and certificate authorities' },
  {
    name: /^AWS_EC2_METADATA_SERVICE_ENDPOINT(_MODE)?$/,
    reason: 'takes the identity of this process from elsewhere',
  },
  ...NODE_VARIABLES,
];

/**
 * Called by every composition root, before the first client is made.
 * @throws Error that names each offending variable (never its value) and why it is refused.
 */
export function refuseEndpointEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  refuseVariables(env, REFUSED);
}
