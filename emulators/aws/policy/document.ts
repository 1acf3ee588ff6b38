import { z } from 'zod';
import { type Condition, compileCondition } from './conditions';
import { type Glob, globAny } from './glob';

/**
 * Policy documents: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 * Compiled once per text. What the evaluator doesn't know (NotPrincipal, policy variables, an unknown operator)
 * is refused here instead of being judged wrongly later.
 */

export type Effect = 'Allow' | 'Deny';

export interface Statement {
  readonly effect: Effect;
  /** AWS principals as written: `*`, an account id, an ARN. Empty if only services or federated ones are named. */
  readonly principals: readonly string[] | undefined;
  readonly action: Glob;
  readonly resource: Glob;
  readonly conditions: readonly Condition[];
}

export interface Policy {
  readonly statements: readonly Statement[];
}

/** Where a policy sits decides whether it names a principal and a resource. */
export type PolicyKind = 'identity' | 'session' | 'key' | 'trust';

export class PolicyMalformed extends Error {}

const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .transform((v) => (typeof v === 'string' ? [v] : v));
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const values = z.union([scalar, z.array(scalar)]).transform((v) => (typeof v === 'string' ? [v] : v));
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z
    .union([
      z.literal('*').transform((): Record<string, string[]> => ({ AWS: ['*'] })),
      z.partialRecord(z.enum(['AWS', 'Service', 'Federated', 'CanonicalUser']), oneOrMany),
    ])
    .optional(),
  Action: oneOrMany.optional(),
  NotAction: oneOrMany.optional(),
  Resource: oneOrMany.optional(),
  NotResource: oneOrMany.optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
});
const documentSchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z
    .union([statementSchema, z.array(statementSchema)])
    .transform((v) => (Array.isArray(v) ? v : [v])),
});

const compiled = new Map<string, Policy>();
const compiledAtMost = 2_000;

/** @throws PolicyMalformed naming what is wrong */
export function compilePolicy(text: string, kind: PolicyKind): Policy {
  const memo = `${kind}\n${text}`;
  const known = compiled.get(memo);
  if (known !== undefined) return known;
  const policy: Policy = { statements: parse(text).map((s) => compileStatement(s, kind)) };
  if (compiled.size >= compiledAtMost) compiled.clear();
  compiled.set(memo, policy);
  return policy;
}

function parse(text: string): z.infer<typeof statementSchema>[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PolicyMalformed('This policy contains invalid Json');
  }
  if (text.includes('${')) throw new PolicyMalformed('Policy variables are not evaluated by this emulator');
  const result = documentSchema.safeParse(json);
  if (result.success) return result.data.Statement;
  const issue = result.error.issues[0];
  throw new PolicyMalformed(
    `Syntax errors in policy: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}

function compileStatement(s: z.infer<typeof statementSchema>, kind: PolicyKind): Statement {
  const resourceBased = kind === 'key' || kind === 'trust';
  if (resourceBased && s.Principal === undefined)
    throw new PolicyMalformed('Missing required field Principal');
  if (!resourceBased && s.Principal !== undefined)
    throw new PolicyMalformed('Policy document should not specify a principal.');
  if ((s.Action === undefined) === (s.NotAction === undefined))
    throw new PolicyMalformed('Missing required field Action');
  const named = s.Resource !== undefined || s.NotResource !== undefined;
  if (kind === 'trust' && named) throw new PolicyMalformed('Has prohibited field Resource');
  if (kind !== 'trust' && !named) throw new PolicyMalformed('Policy statement must contain resources.');
  for (const action of s.Action ?? s.NotAction ?? []) {
    if (action !== '*' && !/^[a-z0-9-]+:[\w*?]+$/i.test(action)) {
      throw new PolicyMalformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    }
  }
  for (const resource of s.Resource ?? s.NotResource ?? []) {
    if (resource !== '*' && !/^arn:[\w*-]*:[^:]*:[^:]*:[^:]*:.+$/.test(resource)) {
      throw new PolicyMalformed(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
  return {
    effect: s.Effect,
    principals: resourceBased ? (s.Principal?.['AWS'] ?? []) : undefined,
    action: globAny(s.Action, s.NotAction, 'any-case'),
    resource: kind === 'trust' ? () => true : globAny(s.Resource, s.NotResource, 'exact-case'),
    conditions: Object.entries(s.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => conditionOf(operator, key, wanted)),
    ),
  };
}

function conditionOf(operator: string, key: string, wanted: readonly string[]): Condition {
  const condition = compileCondition(operator, key, wanted);
  if (condition === undefined) throw new PolicyMalformed(`Invalid Condition type : ${operator}.`);
  return condition;
}
