import { AwsError, constraintBroken, memberMissing } from './aws-error';

/** Reading awsQuery fields, with the refusals STS and IAM word for each broken constraint. */
export type Form = ReadonlyMap<string, string>;

export interface FieldRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
}

export function field(form: Form, name: string, rule: FieldRule = {}): string | undefined {
  const value = form.get(name);
  if (value === undefined) return undefined;
  const broken = (constraint: string): AwsError =>
    new AwsError('ValidationError', constraintBroken(name, value, constraint));
  if (rule.min !== undefined && value.length < rule.min)
    throw broken(`Member must have length greater than or equal to ${rule.min}`);
  if (rule.max !== undefined && value.length > rule.max)
    throw broken(`Member must have length less than or equal to ${rule.max}`);
  if (rule.pattern !== undefined && !new RegExp(`^(?:${rule.pattern.source})$`, 's').test(value)) {
    throw broken(`Member must satisfy regular expression pattern: ${rule.pattern.source}`);
  }
  return value;
}

export function requiredField(form: Form, name: string, rule: FieldRule = {}): string {
  const value = field(form, name, rule);
  if (value === undefined) throw new AwsError('ValidationError', memberMissing(name));
  return value;
}

export function integerField(form: Form, name: string, min: number, max: number): number | undefined {
  const value = field(form, name);
  if (value === undefined) return undefined;
  const n = Number(value);
  if (!Number.isInteger(n)) throw new AwsError('MalformedInput', `Invalid integer for ${name}`);
  const broken = (constraint: string): AwsError =>
    new AwsError('ValidationError', constraintBroken(name, value, constraint));
  if (n < min) throw broken(`Member must have value greater than or equal to ${min}`);
  if (n > max) throw broken(`Member must have value less than or equal to ${max}`);
  return n;
}
