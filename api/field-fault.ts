interface Issue {
  readonly keyword?: string;
  readonly instancePath?: string;
  readonly message?: string | undefined;
  readonly params?: Record<string, unknown>;
}
interface UnionIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const MOST_NAMED = 5;

/**
 * What is wrong with a request, field by field, in our words: `body/connection/region: is not an AWS region…`.
 * Never a value: it might be what should not have been sent.
 */
export function fieldFault(where: string, issues: readonly Issue[]): string {
  const named = issues.slice(0, MOST_NAMED).flatMap((issue) => lines(where, issue));
  return named.slice(0, MOST_NAMED).join('; ');
}

function lines(where: string, issue: Issue): string[] {
  const path = [where, ...(issue.instancePath ?? '').split('/').filter(Boolean)].map(shown).join('/');
  if (issue.keyword === 'unrecognized_keys') return [`${path}: ${UNKNOWN_MEMBER}`];
  const branches = issue.params?.['errors'];
  if (issue.keyword === 'invalid_union' && Array.isArray(branches) && branches.length > 0) {
    return closest(branches as UnionIssue[][]).map(
      (inner) =>
        `${[path, ...inner.path.map(String).map(shown)].join('/')}: ${inner.code === 'unrecognized_keys' ? UNKNOWN_MEMBER : inner.message}`,
    );
  }
  return [`${path}: ${issue.message ?? 'is not of its form'}`];
}

const UNKNOWN_MEMBER = 'has a member that isn’t part of this form';

/** A step of a path; one that isn't a plain name was chosen by the sender. */
const shown = (step: string): string => (/^[A-Za-z0-9_-]{1,40}$/.test(step) ? step : '…');

/** Of the forms a field may have, the one that was meant: that with the fewest faults. */
function closest(branches: readonly UnionIssue[][]): UnionIssue[] {
  return branches.reduce((best, branch) => (branch.length < best.length ? branch : best));
}
