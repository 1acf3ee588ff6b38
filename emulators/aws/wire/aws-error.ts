/**
 * A refusal as AWS words it. `code` is the modelled or common error code of the service at hand, `status` the
 * HTTP status the API reference gives for it. KMS answers 400 to almost everything, query services use 403.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

/** The wording Coral services use for a single broken constraint. `member` is the member's name as modelled. */
export function constraintBroken(member: string, value: string | undefined, constraint: string): string {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  const shown = value === undefined ? ' ' : ` '${value}' `;
  return `1 validation error detected: Value${shown}at '${name}' failed to satisfy constraint: ${constraint}`;
}

export function memberMissing(member: string): string {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  return `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`;
}
