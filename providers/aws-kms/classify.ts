import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import type { RequestId } from '../../domain/ids';
import { requestIdOf } from '../../domain/intake/fields';
import { isNetworkError, propertyOf, textOf } from '../calls/foreign-error';
import { type AwsOperation, OPT_IN_REGIONS, RULES } from './rules';

/**
 * Where raw errors die (invariant 8): out comes a failure built fresh, of which only the request id was theirs,
 * if it has the grammar. Unknown means `UNCLASSIFIED`: it fails closed and we are told.
 */
export function classify(raw: unknown, operation: AwsOperation, region: string): ProviderFailure {
  return new ProviderFailure(codeOf(raw, operation, region), requestIdOfAnswer(raw));
}

function codeOf(raw: unknown, operation: AwsOperation, region: string): ProviderCode {
  const name = textOf(raw, 'name');
  const message = textOf(raw, 'message');
  const optIn = OPT_IN_REGIONS.has(region);
  const rule = RULES.find(
    (r) =>
      r.names.includes(name) &&
      (r.during === undefined || r.during.includes(operation)) &&
      (r.optIn === undefined || r.optIn === optIn) &&
      (r.says === undefined || r.says.test(message)),
  );
  if (rule !== undefined) return rule.code;
  if (isNetworkError(raw)) return 'NETWORK';
  return isGatewayAnswer(raw) ? 'PROVIDER_TRANSIENT' : 'UNCLASSIFIED';
}

/** How the SDK names an answer in which it found no error name of AWS's. */
const NAMELESS = ['SyntaxError', 'Unknown', 'Error'];

/**
 * A 5xx without an AWS error in it comes from something in front of the service. With a name in it that we
 * don't know, it stays unclassified: then it was the service that spoke.
 */
function isGatewayAnswer(raw: unknown): boolean {
  const status = propertyOf(propertyOf(raw, '$metadata'), 'httpStatusCode');
  return (
    NAMELESS.includes(textOf(raw, 'name')) && typeof status === 'number' && status >= 500 && status <= 599
  );
}

/** The request id of an answer or error of the SDK, if it has the grammar. */
export function requestIdOfAnswer(raw: unknown): RequestId | null {
  return requestIdOf(propertyOf(propertyOf(raw, '$metadata'), 'requestId'));
}
