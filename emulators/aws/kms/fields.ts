import { AwsError, constraintBroken, memberMissing } from '../wire/aws-error';

/** Reading a JSON request member by member, with the refusals KMS words for each broken constraint. */
export type Input = Readonly<Record<string, unknown>>;

/** @throws AwsError SerializationException */
export function parseInput(body: Buffer): Input {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new AwsError('SerializationException', 'Could not parse request body into json');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw wrongType('Start of structure or map found where not expected.');
  return json as Input;
}

export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
}

export function text(input: Input, member: string, rule: TextRule = {}): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType('STRING_VALUE expected');
  const broken = (constraint: string): AwsError =>
    new AwsError('ValidationException', constraintBroken(member, value, constraint));
  if (rule.min !== undefined && value.length < rule.min)
    throw broken(`Member must have length greater than or equal to ${rule.min}`);
  if (rule.max !== undefined && value.length > rule.max)
    throw broken(`Member must have length less than or equal to ${rule.max}`);
  if (rule.pattern !== undefined && !rule.pattern.test(value)) {
    throw broken(`Member must satisfy regular expression pattern: ${rule.pattern.source}`);
  }
  if (rule.oneOf !== undefined && !rule.oneOf.includes(value)) {
    throw broken(`Member must satisfy enum value set: [${rule.oneOf.join(', ')}]`);
  }
  return value;
}

export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined) throw new AwsError('ValidationException', memberMissing(member));
  return value;
}

export function keyIdIn(input: Input, member = 'KeyId'): string | undefined {
  return text(input, member, { min: 1, max: 2048 });
}

export function blob(input: Input, member: string, max: number): Buffer | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
    throw wrongType('Illegal base64 character');
  const bytes = Buffer.from(value, 'base64');
  const broken = (constraint: string): AwsError =>
    new AwsError('ValidationException', constraintBroken(member, undefined, constraint));
  if (bytes.length < 1) throw broken('Member must have length greater than or equal to 1');
  if (bytes.length > max) throw broken(`Member must have length less than or equal to ${max}`);
  return bytes;
}

export function integer(input: Input, member: string, min: number, max: number): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType('NUMBER_VALUE expected');
  const broken = (constraint: string): AwsError =>
    new AwsError('ValidationException', constraintBroken(member, String(value), constraint));
  if (value < min) throw broken(`Member must have value greater than or equal to ${min}`);
  if (value > max) throw broken(`Member must have value less than or equal to ${max}`);
  return value;
}

export function flag(input: Input, member: string): boolean {
  const value = input[member];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw wrongType('BOOLEAN_VALUE expected');
  return value;
}

export type EncryptionContext = Readonly<Record<string, string>>;
const noContext: EncryptionContext = Object.freeze({});

export function encryptionContext(input: Input, member = 'EncryptionContext'): EncryptionContext {
  const value = input[member];
  if (value === undefined || value === null) return noContext;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType('MAP_VALUE expected');
  for (const v of Object.values(value)) if (typeof v !== 'string') throw wrongType('STRING_VALUE expected');
  return value as EncryptionContext;
}

/** Members that are lists of objects with string members, such as tags. */
export function records(input: Input, member: string): readonly Readonly<Record<string, string>>[] {
  const value = input[member] ?? [];
  if (!Array.isArray(value)) throw wrongType('LIST_VALUE expected');
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null || Object.values(item).some((v) => typeof v !== 'string')) {
      throw wrongType('STRUCTURE_VALUE expected');
    }
    return item as Readonly<Record<string, string>>;
  });
}

export function refuseGrantTokens(input: Input): void {
  const value = input['GrantTokens'];
  if (Array.isArray(value) && value.length > 0) throw new AwsError('InvalidGrantTokenException', '');
}

function wrongType(message: string): AwsError {
  return new AwsError('SerializationException', message);
}
