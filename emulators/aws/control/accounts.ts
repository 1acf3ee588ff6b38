import { userArn } from '../model/caller';
import { accountId, uniqueId } from '../model/ids';
import type { AccessKey, Account, User } from '../model/state';
import type { World } from '../model/world';

/** A seeded account and the access key of its administrator, who may do everything in it. */
export interface SeededAccount {
  readonly accountId: string;
  readonly created: boolean;
  readonly admin: { readonly arn: string; readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Idempotent by account id: an account that's there is answered with its administrator's key. */
export function seedAccount(
  world: World,
  wanted: { name: string; accountId?: string | undefined },
): SeededAccount {
  const known = wanted.accountId === undefined ? undefined : world.state.accounts.get(wanted.accountId);
  const admin = known?.users.get('admin');
  const key = admin?.accessKeys.values().next().value;
  if (known !== undefined && admin !== undefined && key !== undefined)
    return seeded(known, admin, key, false);
  const account: Account = known ?? {
    id: wanted.accountId ?? accountId(world.random),
    name: wanted.name,
    users: new Map(),
    roles: new Map(),
  };
  const user: User = admin ?? {
    name: 'admin',
    path: '/',
    id: uniqueId('AIDA', world.random),
    createdAt: world.clock(),
    policies: new Map([['administrator', administrator]]),
    accessKeys: new Map(),
  };
  world.state.accounts.set(account.id, account);
  account.users.set(user.name, user);
  const made = world.addAccessKey(account, user);
  world.save();
  return seeded(account, user, made, known === undefined);
}

const administrator = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

function seeded(account: Account, user: User, key: AccessKey, created: boolean): SeededAccount {
  return {
    accountId: account.id,
    created,
    admin: { arn: userArn(account.id, user), accessKeyId: key.id, secretAccessKey: key.secret },
  };
}
