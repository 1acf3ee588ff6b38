/** What `smsk` takes from its environment; flags come first. The only place of the CLI that reads it. */
export interface Environment {
  /** `SMSK_URL` */
  readonly url: string | null;
  /** `SMSK_TOKEN_FILE`: a file, because environments and command lines are seen by others. */
  readonly tokenFile: string | null;
}

export function environment(env: Readonly<Record<string, string | undefined>> = process.env): Environment {
  return { url: env.SMSK_URL || null, tokenFile: env.SMSK_TOKEN_FILE || null };
}
