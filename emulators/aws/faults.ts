import { z } from 'zod';
import { connectionEffects, errorMembers, FaultList, type Hit as HitOf } from '../faults/faults';

const matchSchema = z.strictObject({
  service: z.enum(['kms', 'secretsmanager', 'sts', 'iam', 's3']).optional(),
  action: z.string().optional(),
  region: z.string().optional(),
  /** Key id, key ARN or alias, as the request names it or as it resolves. */
  keyId: z.string().optional(),
  roleArn: z.string().optional(),
  /** Account of whoever signed. */
  principalAccount: z.string().optional(),
});

const effectSchema = z.discriminatedUnion('kind', [z.strictObject(errorMembers), ...connectionEffects]);

export const faultSchema = z.strictObject({
  match: matchSchema.default({}),
  effect: effectSchema,
  count: z.int().min(1).optional(),
});

export type FaultInput = z.input<typeof faultSchema>;
export type Effect = z.output<typeof effectSchema>;
export type Hit = HitOf<Effect>;
type Match = z.output<typeof matchSchema>;

/** What's known of a request when faults are matched. */
export interface FaultFacts {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly principalAccount: string | undefined;
  readonly roleArn: string | undefined;
  readonly keyNames: () => readonly string[];
}

export class Faults extends FaultList<FaultInput, Match, Effect, FaultFacts> {
  constructor() {
    super((input) => faultSchema.parse(input), matches);
  }
}

function matches(match: Match, facts: FaultFacts): boolean {
  return (
    (match.service === undefined || match.service === facts.service) &&
    (match.action === undefined || match.action === facts.action) &&
    (match.region === undefined || match.region === facts.region) &&
    (match.principalAccount === undefined || match.principalAccount === facts.principalAccount) &&
    (match.roleArn === undefined || match.roleArn === facts.roleArn) &&
    (match.keyId === undefined || facts.keyNames().includes(match.keyId))
  );
}
