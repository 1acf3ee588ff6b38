import type { Role, User } from './state';

/** An assumed-role session, as sealed into its token. Times in epoch milliseconds. */
export interface Session {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly account: string;
  readonly roleName: string;
  /** The role's unique id: a role deleted and made again ends the sessions of the first. */
  readonly roleId: string;
  readonly name: string;
  readonly policy: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Who signed the request. */
export type Caller =
  | { readonly kind: 'user'; readonly account: string; readonly accessKeyId: string; readonly user: User }
  | {
      readonly kind: 'session';
      readonly account: string;
      readonly accessKeyId: string;
      readonly role: Role;
      readonly session: Session;
    };

/** ARN that policies name: the user's, or the role's behind a session. */
export function principalArn(caller: Caller): string {
  return caller.kind === 'user' ? userArn(caller.account, caller.user) : roleArn(caller.account, caller.role);
}

/** ARN that messages and the trail show: for a session the assumed-role one. */
export function callerArn(caller: Caller): string {
  return caller.kind === 'user'
    ? userArn(caller.account, caller.user)
    : assumedRoleArn(caller.account, caller.role, caller.session.name);
}

export function userId(caller: Caller): string {
  return caller.kind === 'user' ? caller.user.id : `${caller.role.id}:${caller.session.name}`;
}

export function userArn(account: string, user: User): string {
  return `arn:aws:iam::${account}:user${user.path}${user.name}`;
}

export function roleArn(account: string, role: Role): string {
  return `arn:aws:iam::${account}:role${role.path}${role.name}`;
}

export function assumedRoleArn(account: string, role: Role, sessionName: string): string {
  return `arn:aws:sts::${account}:assumed-role/${role.name}/${sessionName}`;
}
