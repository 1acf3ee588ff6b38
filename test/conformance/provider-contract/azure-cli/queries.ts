/**
 * The JMESPath queries that the text asks, each written out: a query the text comes to ask anew must be read by
 * somebody, and tried on the real one, before it stands here.
 */
const QUERIES: readonly (readonly [RegExp, (answer: never, ...parts: string[]) => unknown])[] = [
  [/^(id|tenantId|accountEnabled)$/, (answer: Record<string, unknown>, member) => answer[member]],
  [
    /^(properties|attributes)\.(\w+)$/,
    (answer: Record<string, Record<string, unknown>>, member, inner) => answer[member]?.[inner],
  ],
  [/^starts_with\(key\.kty, 'RSA'\)$/, ({ key }: { key: { kty: string } }) => key.kty.startsWith('RSA')],
  [/^sort\(key\.keyOps\)$/, ({ key }: { key: { keyOps: string[] } }) => [...key.keyOps].sort()],
  [
    /^\[\]\.(name|roleDefinitionName)$/,
    (list: Record<string, unknown>[], member) => list.map((one) => one[member]),
  ],
  [
    /^\[\]\.permissions\[\]\.\[actions, dataActions\]\[\]\[\] \| sort\(@\)$/,
    (list: { permissions: { actions: string[]; dataActions: string[] }[] }[]) =>
      list
        .flatMap(({ permissions }) => permissions)
        .flatMap(({ actions, dataActions }) => [...actions, ...dataActions])
        .sort(),
  ],
  [
    /^properties\.accessPolicies\[\?objectId=='([0-9a-f-]*)'\]\.permissions\.keys\[\] \| sort\(@\)$/,
    (
      {
        properties,
      }: { properties: { accessPolicies: { objectId: string; permissions: { keys: string[] } }[] } },
      wanted,
    ) =>
      properties.accessPolicies
        .filter(({ objectId }) => objectId === wanted)
        .flatMap(({ permissions }) => permissions.keys)
        .sort(),
  ],
  [
    /^logs\[\?category=='AuditEvent'\]\.enabled$/,
    ({ logs }: { logs: { category: string; enabled: boolean }[] }) =>
      logs.filter(({ category }) => category === 'AuditEvent').map(({ enabled }) => enabled),
  ],
  [
    /^ipRules\[\?value=='([0-9./]+)'\]\.value$/,
    ({ ipRules }: { ipRules: { value: string }[] }, wanted) =>
      ipRules.map(({ value }) => value).filter((value) => value === wanted),
  ],
];

/** `--query`. @throws Error for one that isn't known */
export function queried(answer: unknown, query: string | undefined): unknown {
  if (query === undefined) return answer;
  for (const [form, ask] of QUERIES) {
    const match = form.exec(query);
    if (match !== null) return ask(answer as never, ...match.slice(1));
  }
  throw new Error(`a query that isn't known: ${query}`);
}

/** `--output`: `none`, or `tsv`, in which a list is one item a line. */
export function printed(value: unknown, output: string | undefined): readonly string[] {
  if (output === 'none') return [];
  if (output !== 'tsv') throw new Error(`an output that isn't known: ${output}`);
  const rows = Array.isArray(value) ? value : [value];
  return rows.map((row) => {
    if (typeof row === 'object' && row !== null) throw new Error('the query leaves an object');
    return row === undefined || row === null ? '' : String(row);
  });
}
