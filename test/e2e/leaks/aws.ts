import { faultSchema } from '../../../emulators/aws/faults';
import { type AwsOperation, RULES } from '../../../providers/aws-kms/rules';
import type { Call } from '../deployment/customer-cloud';
import { type Effect, type Failing, marked, markedBase64, markedId, notTheirs } from './failing';

const headers = () => ({ 'x-mark': marked(), 'x-amz-id-2': marked(), 'x-amzn-requestid': markedId() });

export const awsError = (code: string, status = 400): Effect => ({
  kind: 'error',
  code,
  status,
  message: `${code}: arn ${marked()} is pending deletion`,
  headers: { ...headers(), 'x-amzn-errortype': `${code}:${marked()}` },
  requestId: markedId(),
});

/** Socket, deadline and egress errors have no name on the wire. */
const ON_THE_WIRE = RULES.filter(({ during }) => during?.includes('control') !== true).filter(
  ({ names }) => !['TimeoutError', 'AbortError', 'HostNotAllowed'].includes(names[0] ?? ''),
);

/** Where an error of that rule occurs; without a word on it, at an unwrap. */
function placeOf(operations: readonly AwsOperation[] = []): Call {
  if (operations.includes('assume-role')) return 'credential';
  return operations.includes('wrap') ? 'wrap' : 'unwrap';
}

const MATCH = {
  credential: { service: 'sts', action: 'AssumeRole' },
  wrap: { service: 'kms', action: 'Encrypt' },
  unwrap: { service: 'kms', action: 'Decrypt' },
} as const;

export const AWS: Failing = {
  causes: () =>
    ON_THE_WIRE.map(({ names: [name = ''], during }) => ({ on: placeOf(during), effect: awsError(name) })),
  refusals: () => ON_THE_WIRE.flatMap(({ names }) => names).map((name) => awsError(name)),
  notTheirs: () =>
    notTheirs(headers, {
      answer: {
        KeyId: `arn:aws:kms:eu-central-1:111122223333:key/${marked()}`,
        CiphertextBlob: markedBase64(),
        Plaintext: markedBase64(),
      },
      refusal: { __type: `${marked()}#${marked()}`, message: marked() },
    }),
  denied: () => awsError('AccessDeniedException'),
  disabled: () => awsError('DisabledException'),
  transient: () => awsError('KMSInternalException', 500),
  inject: ({ aws }, { on, ...fault }) => aws.inject(faultSchema.parse({ match: MATCH[on], ...fault })),
};
