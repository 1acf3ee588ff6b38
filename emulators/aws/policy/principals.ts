import { roleArn, userArn } from '../model/caller';
import type { State } from '../model/state';
import { type Policy, PolicyMalformed } from './document';

/**
 * AWS refuses a key or trust policy that names a user or role which doesn't exist. Accounts it hasn't been told
 * of are unknown to the emulator, so naming one is refused as well.
 * @throws PolicyMalformed
 */
export function requirePrincipals(
  state: State,
  policy: Policy,
  refusal: (principal: string) => string,
): void {
  for (const principal of policy.statements.flatMap((s) => s.principals ?? [])) {
    if (!exists(state, principal)) throw new PolicyMalformed(refusal(principal));
  }
}

function exists(state: State, principal: string): boolean {
  if (principal === '*') return true;
  const id = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(principal)?.[1];
  if (id !== undefined) return state.accounts.has(id);
  const m = /^arn:aws:(iam|sts)::(\d{12}):(user|role|assumed-role)\/(.+)$/.exec(principal);
  const account = state.accounts.get(m?.[2] ?? '');
  if (m === null || account === undefined) return false;
  if (m[1] === 'sts') return account.roles.has(m[4]?.split('/')[0] ?? '');
  return m[3] === 'user'
    ? [...account.users.values()].some((u) => userArn(account.id, u) === principal)
    : [...account.roles.values()].some((r) => roleArn(account.id, r) === principal);
}
