import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { type ReferencedAws, referencedAws } from '../references/aws-customer';
import { instantAfter } from '../references/book';
import { kmsFaults } from './aws-faults';
import { REGION } from './aws-world';
import { type BadInput, type OffSwitch, providerContract } from './contract';

const keyOf = ({ world, keyArn }: ReferencedAws) => ({ kms: world.customer.kms(), KeyId: keyArn });
const iam = ({ world, user }: ReferencedAws, action: string, more: object = {}) =>
  world.customer.iam.call(action, {
    UserName: 'novantra-wrap',
    AccessKeyId: user.credentials.accessKeyId,
    ...more,
  });
const written = (fixture: ReferencedAws, credentials: object): ReturnType<ReferencedAws['connect']> => {
  fixture.folder.write('acme-wrap.json', JSON.stringify(credentials));
  return fixture.connect();
};

const REFERENCE = 'credential-reference';
const badInputs: BadInput<ReferencedAws>[] = [
  {
    name: 'name that nobody registered',
    arrange: async ({ connect }) => connect({ name: 'acme-other' }),
    check: REFERENCE,
    code: 'REFERENCE_UNKNOWN',
  },
  {
    name: 'entry for another key',
    arrange: async ({ connect, keyArn }) => connect({ key: keyArn.replace(/[0-9a-f]{12}$/, '000000000000') }),
    check: REFERENCE,
    code: 'REFERENCE_UNKNOWN',
  },
  {
    name: 'entry past its date',
    arrange: async ({ book, stated, connect }) => {
      book.register(stated, instantAfter(-1));
      return connect();
    },
    check: REFERENCE,
    code: 'CREDENTIAL_EXPIRED',
  },
  {
    name: 'secret of another access key',
    arrange: async (f) => written(f, { ...f.user.credentials, secretAccessKey: 'x'.repeat(40) }),
    check: REFERENCE,
    code: 'CREDENTIAL_INVALID',
  },
  {
    name: 'access key that was deleted',
    arrange: async (f) => {
      await iam(f, 'DeleteAccessKey');
      return f.connect();
    },
    check: REFERENCE,
    code: 'CREDENTIAL_INVALID',
  },
  {
    name: 'credential of another user, whom the key trusts too',
    arrange: async (f) => {
      const other = await f.world.user('somebody-else', null, f.world.customer);
      await f.trust(f.user.arn, other.arn);
      return written(f, other.credentials);
    },
    check: REFERENCE,
    code: 'CREDENTIAL_INVALID',
  },
  {
    name: 'session token beside a user’s access key',
    arrange: async (f) => written(f, { ...f.user.credentials, sessionToken: 'token' }),
    check: REFERENCE,
    code: 'CREDENTIAL_UNAVAILABLE',
  },
  {
    name: 'file that isn’t there',
    arrange: async ({ book, stated, connect }) => {
      book.register({ ...stated, locator: 'file:nothing.json' });
      return connect();
    },
    check: REFERENCE,
    code: 'CREDENTIAL_UNAVAILABLE',
  },
  {
    name: 'region of another partition',
    arrange: async ({ connect }) => connect({ region: 'cn-north-1' }),
    check: REFERENCE,
    code: 'CONFIG_INVALID',
  },
  {
    name: 'user whom the key doesn’t trust',
    arrange: async (f) => {
      await f.trust(`arn:aws:iam::${f.world.customer.id}:user/admin`);
      return f.connect();
    },
    check: 'wrap',
    code: 'WRAP_DENIED',
  },
  {
    name: 'disabled key',
    arrange: async (f) => {
      const { kms, KeyId } = keyOf(f);
      await kms.send(new DisableKeyCommand({ KeyId }));
      return f.connect();
    },
    check: 'wrap',
    code: 'KEY_DISABLED',
  },
];

const offSwitches: OffSwitch<ReferencedAws>[] = [
  {
    name: 'disable the key',
    off: async (f) => void (await keyOf(f).kms.send(new DisableKeyCommand({ KeyId: f.keyArn }))),
    on: async (f) => void (await keyOf(f).kms.send(new EnableKeyCommand({ KeyId: f.keyArn }))),
    code: 'KEY_DISABLED',
  },
  {
    name: 'deactivate the access key, while our session is held',
    off: async (f) => void (await iam(f, 'UpdateAccessKey', { Status: 'Inactive' })),
    on: async (f) => void (await iam(f, 'UpdateAccessKey', { Status: 'Active' })),
    code: 'CREDENTIAL_INVALID',
  },
  {
    name: 'take the user out of the key’s policy',
    off: (f) => f.trust(`arn:aws:iam::${f.world.customer.id}:user/admin`),
    on: (f) => f.trust(f.user.arn),
    code: 'UNWRAP_DENIED',
  },
  {
    name: 'withdraw the reference, while our session is held',
    off: async ({ book, stated }) => book.withdraw(stated),
    on: async ({ book, stated }) => void book.register(stated),
    code: 'REFERENCE_UNKNOWN',
  },
];

providerContract(`AWS KMS by an approved reference, ${REGION}`, {
  start: () => referencedAws(),
  badInputs,
  offSwitches,
  notThisEnvelope: 'CONTEXT_OR_BLOB_INVALID',
  disturbances: {
    faults: kmsFaults,
    hang: ({ world }) => void world.emulator.inject({ effect: { kind: 'hang' } }),
    reset: ({ world }) => void world.emulator.inject({ effect: { kind: 'reset' } }),
    mend: ({ world }) => world.emulator.clearFaults(),
  },
});
