import { z } from 'zod';
import { awsKeyIdentifier, awsRoleArn } from '../../../domain/intake/aws';
import { azureClientId, azureKeyIdentifier, azureTenantId } from '../../../domain/intake/azure';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a real account is reached with; without it, the variables that are missing. */
export type Given<T> =
  | { readonly settings: T; readonly missing: null }
  | { readonly settings: null; readonly missing: string };

const file = z.string().min(1);
const AWS = {
  SMSK_REAL_AWS_ROLE_ARN: awsRoleArn,
  SMSK_REAL_AWS_KEY_ARN: awsKeyIdentifier,
  SMSK_REAL_AWS_EXTERNAL_ID: z.string().min(2),
  SMSK_REAL_AWS_ORGANIZATION: z.guid(),
};
const AWS_OURS = { SMSK_REAL_AWS_IDENTITY_FILE: file };
const AWS_ADMIN = { SMSK_REAL_AWS_ADMIN_FILE: file };
const AZURE = {
  SMSK_REAL_AZURE_TENANT: azureTenantId,
  SMSK_REAL_AZURE_CLIENT_ID: azureClientId,
  SMSK_REAL_AZURE_CERTIFICATE: file,
  SMSK_REAL_AZURE_KEY: azureKeyIdentifier,
  SMSK_REAL_AZURE_EXTERNAL_ID: z.string().regex(/^smsk-[0-9a-f]{20,}$/),
};
const AZURE_ADMIN = {
  SMSK_REAL_AZURE_ADMIN_CLIENT_ID: azureClientId,
  SMSK_REAL_AZURE_ADMIN_CERTIFICATE: file,
};

export interface RealAws {
  readonly roleArn: string;
  readonly keyArn: string;
  readonly externalId: string;
  readonly organization: string;
  /** Our own credentials' file; `null`: the SDK's default chain. */
  readonly identityFile: string | null;
}
export interface RealAzure {
  readonly tenantId: string;
  readonly clientId: string;
  /** PEM file of the app's certificate and private key. */
  readonly certificate: string;
  readonly key: string;
  readonly externalId: string;
}
export interface AzureAdmin {
  readonly clientId: string;
  readonly certificate: string;
}

export function realAws(env: Environment): Given<RealAws> {
  const ours = allOf(AWS_OURS, env);
  return given(allOf(AWS, env), (set) => ({
    roleArn: set.SMSK_REAL_AWS_ROLE_ARN,
    keyArn: set.SMSK_REAL_AWS_KEY_ARN,
    externalId: set.SMSK_REAL_AWS_EXTERNAL_ID,
    organization: set.SMSK_REAL_AWS_ORGANIZATION,
    identityFile: ours.settings?.SMSK_REAL_AWS_IDENTITY_FILE ?? null,
  }));
}

/** The file with the credentials of somebody who may disable the key, and schedule and cancel its deletion. */
export const awsAdmin = (env: Environment): Given<string> =>
  given(allOf(AWS_ADMIN, env), (set) => set.SMSK_REAL_AWS_ADMIN_FILE);

export function realAzure(env: Environment): Given<RealAzure> {
  return given(allOf(AZURE, env), (set) => ({
    tenantId: set.SMSK_REAL_AZURE_TENANT,
    clientId: set.SMSK_REAL_AZURE_CLIENT_ID,
    certificate: set.SMSK_REAL_AZURE_CERTIFICATE,
    key: set.SMSK_REAL_AZURE_KEY,
    externalId: set.SMSK_REAL_AZURE_EXTERNAL_ID,
  }));
}

/** An app of the tenant that may update the key. */
export const azureAdmin = (env: Environment): Given<AzureAdmin> =>
  given(allOf(AZURE_ADMIN, env), (set) => ({
    clientId: set.SMSK_REAL_AZURE_ADMIN_CLIENT_ID,
    certificate: set.SMSK_REAL_AZURE_ADMIN_CERTIFICATE,
  }));

/** All of a group or none of it. @throws Error for half of it, and for a value that isn't of its form */
function allOf<Shape extends Record<string, z.ZodType>>(
  shape: Shape,
  env: Environment,
): Given<z.infer<z.ZodObject<Shape>>> {
  const names = Object.keys(shape);
  const missing = names.filter((name) => (env[name] ?? '') === '');
  if (missing.length === names.length) return { settings: null, missing: `set ${names.join(', ')}` };
  if (missing.length > 0)
    throw new Error(`only some variables of a real cloud are set: ${missing.join(', ')} lack`);
  const parsed = z.object(shape).safeParse(Object.fromEntries(names.map((name) => [name, env[name]])));
  if (!parsed.success) throw new Error(`a real cloud’s variables: ${z.prettifyError(parsed.error)}`);
  return { settings: parsed.data, missing: null };
}

const given = <From, To>(from: Given<From>, to: (settings: From) => To): Given<To> =>
  from.missing === null ? { settings: to(from.settings), missing: null } : from;
