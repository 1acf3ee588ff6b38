import { z } from 'zod';
import { awsRoleArn } from '../domain/intake/aws';

const ARN = /^arn:(aws|aws-us-gov|aws-cn):iam::(\d{12}):(user|role)\/[\x21-\x7e]{1,512}$/;
const arn = z
  .string()
  .regex(ARN, 'must be the ARN of a user or role like arn:aws:iam::123456789012:role/smsk-platform-content');

/** An identity of ours at AWS. `arn` is how policies name it. */
export const identity = z.discriminatedUnion('kind', [
  /** Mounted: `{"accessKeyId", "secretAccessKey", "sessionToken"?}`, read anew for each session. */
  z.strictObject({ kind: z.literal('file'), file: z.string().min(1), arn }),
  /** Assumed from the machine's own identity, in sessions of 15 minutes. */
  z.strictObject({ kind: z.literal('role'), arn: awsRoleArn }),
  /** The machine's own: what the SDK's default chain finds (pod, container or instance identity). */
  z.strictObject({ kind: z.literal('machine'), arn }),
]);
export type Identity = z.infer<typeof identity>;

interface Identities {
  readonly aws: { readonly identity: Identity };
  readonly platform: { readonly content: Identity; readonly control: Identity };
  readonly references: { readonly secretsManager: { readonly identity: Identity } | null };
  readonly publication: { readonly kind: string; readonly identity?: Identity } | null;
}

/**
 * Policies tell them apart by their ARNs, so they must differ: no two are the machine's, or of one name.
 * @returns what's wrong, and with which of them
 */
export function notApart({
  aws,
  platform,
  references,
  publication,
}: Identities): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const all = [
    { path: ['aws', 'identity'], ...aws.identity },
    { path: ['platform', 'content'], ...platform.content },
    { path: ['platform', 'control'], ...platform.control },
    ...(references.secretsManager === null
      ? []
      : [{ path: ['references', 'secretsManager', 'identity'], ...references.secretsManager.identity }]),
    ...(publication?.identity === undefined
      ? []
      : [{ path: ['publication', 'identity'], ...publication.identity }]),
  ];
  const refuse = (path: string[], message: string) => found.push({ path, message });
  for (const [i, { path, kind, arn }] of all.entries()) {
    const earlier = all.slice(0, i);
    if (earlier.some((other) => other.arn === arn)) refuse(path, 'has the ARN of another identity of ours');
    if (kind === 'machine' && earlier.some((other) => other.kind === 'machine'))
      refuse(path, 'is the machine’s, as another identity of ours; make it a role');
  }
  if (accountOf(platform.content) !== accountOf(platform.control))
    refuse(['platform', 'control'], 'isn’t in the account of platform.content, where the keys are');
  return found;
}

const accountOf = ({ arn }: Identity): string | undefined => ARN.exec(arn)?.[2];
