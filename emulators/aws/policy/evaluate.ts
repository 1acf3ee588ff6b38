import { type Caller, callerArn, principalArn } from '../model/caller';
import type { ConditionKeys } from './conditions';
import { compilePolicy, type Policy, type PolicyKind, type Statement } from './document';

/**
 * The evaluation logic of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, for what exists here:
 * identity policies (inline), session policies, and one resource-based policy (a key's or a role's trust policy).
 * There are no organizations, permission boundaries, grants or endpoint policies.
 */

export interface Question {
  readonly caller: Caller;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly resource: string;
  readonly keys: ConditionKeys;
}

export interface ResourcePolicy {
  readonly kind: 'key' | 'trust';
  readonly text: string;
  /** Account that owns the resource. */
  readonly account: string;
}

/** `why` ends AWS's "is not authorized" message. */
export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

/** How a principal element names the caller; what it grants depends on it. */
type Naming = 'session' | 'principal' | 'account' | 'anyone';

export function judge(question: Question, resourcePolicy: ResourcePolicy | undefined): Verdict {
  const { caller, action } = question;
  const identity = effectOf(identityPolicies(caller), question);
  const session = sessionEffect(caller, question);
  const resource = resourcePolicy === undefined ? undefined : resourceEffect(resourcePolicy, question);

  if (identity === 'Deny')
    return { allowed: false, why: 'with an explicit deny in an identity-based policy' };
  if (session === 'Deny') return { allowed: false, why: 'with an explicit deny in a session policy' };
  if (resource?.denied) return { allowed: false, why: 'with an explicit deny in a resource-based policy' };

  const sameAccount = resourcePolicy === undefined || resourcePolicy.account === caller.account;
  if (resource !== undefined && resource.namings.size === 0) return missing('resource-based', action);
  if (sameAccount && resource !== undefined) {
    // A policy that names the session itself is not narrowed by the session policy.
    if (resource.namings.has('session')) return { allowed: true };
    const direct = resource.namings.has('principal') || resource.namings.has('anyone');
    if (direct) return session === 'none' ? missing('session', action) : { allowed: true };
  }
  if (identity !== 'Allow') return missing('identity-based', action);
  return session === 'none' ? missing('session', action) : { allowed: true };
}

function missing(type: string, action: string): Verdict {
  return { allowed: false, why: `because no ${type} policy allows the ${action} action` };
}

type Outcome = 'Allow' | 'Deny' | 'none';

function identityPolicies(caller: Caller): Iterable<string> {
  return caller.kind === 'user' ? caller.user.policies.values() : caller.role.policies.values();
}

/** A caller without a session policy is not narrowed by one. */
function sessionEffect(caller: Caller, question: Question): Outcome {
  if (caller.kind === 'user' || caller.session.policy === undefined) return 'Allow';
  return effectOf([caller.session.policy], question, 'session');
}

function effectOf(texts: Iterable<string>, question: Question, kind: PolicyKind = 'identity'): Outcome {
  let outcome: Outcome = 'none';
  for (const text of texts) {
    for (const statement of compilePolicy(text, kind).statements) {
      if (!applies(statement, question)) continue;
      if (statement.effect === 'Deny') return 'Deny';
      outcome = 'Allow';
    }
  }
  return outcome;
}

function resourceEffect(
  policy: ResourcePolicy,
  question: Question,
): { denied: boolean; namings: ReadonlySet<Naming> } {
  const namings = new Set<Naming>();
  const document: Policy = compilePolicy(policy.text, policy.kind);
  for (const statement of document.statements) {
    const named = statement.principals?.flatMap((p) => namingOf(p, question.caller) ?? []) ?? [];
    if (named.length === 0 || !applies(statement, question)) continue;
    if (statement.effect === 'Deny') return { denied: true, namings };
    for (const naming of named) namings.add(naming);
  }
  return { denied: false, namings };
}

function applies(statement: Statement, question: Question): boolean {
  return (
    statement.action(question.action) &&
    statement.resource(question.resource) &&
    statement.conditions.every((holds) => holds(question.keys))
  );
}

function namingOf(principal: string, caller: Caller): Naming | undefined {
  if (principal === '*') return 'anyone';
  if (principal === caller.account || principal === `arn:aws:iam::${caller.account}:root`) return 'account';
  if (principal === principalArn(caller)) return 'principal';
  return caller.kind === 'session' && principal === callerArn(caller) ? 'session' : undefined;
}
