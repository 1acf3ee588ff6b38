/** A row of a table. */
export const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** A table as lines. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(...head),
  row(...head.map(() => '---')),
  ...rows.map((cells) => row(...cells)),
];

const BLOCK = /(<!-- generated: ([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * A page with its generated tables put in anew: each stands between `<!-- generated: NAME -->` and `<!-- end -->`.
 * @throws Error for a name that nothing makes, and for a table that the page has no place for
 */
export function withTables(page: string, tables: Readonly<Record<string, readonly string[]>>): string {
  const placed = new Set<string>();
  const filled = page.replaceAll(BLOCK, (_, begin: string, name: string, end: string) => {
    const lines = tables[name];
    if (lines === undefined) throw new Error(`nothing makes the table ${name}`);
    placed.add(name);
    return `${begin}${lines.join('\n')}\n${end}`;
  });
  const homeless = Object.keys(tables).filter((name) => !placed.has(name));
  if (homeless.length > 0) throw new Error(`the page has no place for ${homeless.join(', ')}`);
  return filled;
}
