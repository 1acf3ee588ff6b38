import fc from 'fast-check';
import { connectionInput } from '../../domain/connection';
import {
  AWS_REGIONS,
  awsKeyIdentifier,
  awsKeyParts,
  awsKeyRefOf,
  awsRegion,
  awsRoleArn,
} from '../../domain/intake/aws';
import { keyRefOf, requestIdOf } from '../../domain/intake/fields';

const key = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const role = 'arn:aws:iam::111122223333:role/novantra-wrap';
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe('key identifiers are addresses given by outsiders', () => {
  test.each([
    key,
    'arn:aws:kms:eu-central-1:111122223333:alias/novantra',
    'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/a/b_c-d',
  ])('accepts %s', (arn) => expect(accepts(awsKeyIdentifier, arn)).toBe(true));

  test.each([
    '11111111-2222-3333-4444-555555555555',
    'alias/novantra',
    'arn:aws:kms:eu-central-1:111122223333:key/mrk-11111111222233334444555555555555',
    'arn:aws:kms:eu-central-1:111122223333:alias/aws/s3',
    'arn:aws:kms:evil.example#:111122223333:key/11111111-2222-3333-4444-555555555555',
    'arn:aws:kms:eu-central-1:111122223333:key/../../x',
    `${key}\n`,
    `${key} `,
    `${key}@evil.example`,
    key.replace('aws', 'AWS'),
  ])('refuses %j', (arn) => expect(accepts(awsKeyIdentifier, arn)).toBe(false));

  test('a region is one of the closed list', () => {
    for (const region of Object.values(AWS_REGIONS).flat()) expect(accepts(awsRegion, region)).toBe(true);
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!(Object.values(AWS_REGIONS).flat() as string[]).includes(text));
        expect(accepts(awsRegion, text)).toBe(false);
      }),
    );
  });

  test.each([role, 'arn:aws:iam::111122223333:role/path/to/novantra+wrap'])('accepts role %s', (arn) =>
    expect(accepts(awsRoleArn, arn)).toBe(true),
  );
  test.each([
    'arn:aws:iam::111122223333:user/novantra',
    'arn:aws:iam::1111:role/x',
    `${role}\u0000`,
    'AKIAIOSFODNN7EXAMPLE',
  ])('refuses role %j', (arn) => expect(accepts(awsRoleArn, arn)).toBe(false));

  test('parts are what the ARN says', () => {
    expect(awsKeyParts(key)).toEqual({
      partition: 'aws',
      region: 'eu-central-1',
      account: '111122223333',
      isAlias: false,
    });
  });

  test('inv07: a connection has no member that isn’t in its grammar', () => {
    const input = {
      provider: 'aws-kms',
      region: 'eu-central-1',
      key,
      credential: { kind: 'aws-role', roleArn: role },
    };
    expect(accepts(connectionInput, input)).toBe(true);
    expect(accepts(connectionInput, { ...input, secretAccessKey: 'x' })).toBe(false);
    expect(
      accepts(connectionInput, { ...input, credential: { ...input.credential, sessionToken: 'x' } }),
    ).toBe(false);
  });
});

describe('inv08: what a provider sends is kept only in its grammar', () => {
  test('request and key ids outside it are dropped', () => {
    expect(requestIdOf('0b6a1b1c-3b1f-4c1e-9d59-1f1d3a1b2c3d')).not.toBeNull();
    for (const raw of ['', 'a b', '<script>', 'x'.repeat(65), 'a\nb', 7, null, undefined])
      expect(requestIdOf(raw)).toBeNull();
    expect(keyRefOf(key)).toBe(key);
    const multi = key.replace(/key.*/, `key/mrk-${'0'.repeat(32)}`);
    for (const arn of [key, multi]) expect(awsKeyRefOf(arn)).toBe(arn);
    const alias = 'arn:aws:kms:eu-central-1:111122223333:alias/novantra';
    for (const raw of [
      undefined,
      '',
      alias,
      `${key}x`,
      key.replace('1111-', 'secret-'),
      key.replace('eu-', 'xx-'),
    ])
      expect(awsKeyRefOf(raw)).toBeNull();
    for (const raw of ['', 'a b', 'x'.repeat(257), 'a\nb', '"']) expect(keyRefOf(raw)).toBeNull();
  });
});
