import { Declined } from './failure';

/** @throws Declined where no clean dry-run is current. */
export function presentDigest(org: string, planDigest: string | null): string {
  if (planDigest === null)
    throw new Declined(`${org} has no plan`, `launch a dry-run: \`smsk dry-run --org ${org}\``);
  return planDigest;
}
