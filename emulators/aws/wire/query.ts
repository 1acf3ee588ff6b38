/** awsQuery in, XML out: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */

export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | XmlTree
  | readonly XmlTree[]
  | readonly string[];
export interface XmlTree {
  readonly [name: string]: XmlValue;
}

/** Form fields by name; a repeated name keeps its last value, as AWS does. */
export function parseForm(body: string): Map<string, string> {
  return new Map(new URLSearchParams(body));
}

/** Lists are rendered with `member` elements, absent values not at all. */
export function xmlResponse(
  namespace: string,
  action: string,
  result: XmlTree | undefined,
  requestId: string,
): string {
  const inner = result === undefined ? '' : `  <${action}Result>${render(result)}</${action}Result>\n`;
  return (
    `<${action}Response xmlns="${namespace}">\n${inner}` +
    `  <ResponseMetadata><RequestId>${escapeXml(requestId)}</RequestId></ResponseMetadata>\n</${action}Response>\n`
  );
}

function render(value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  if (isList(value)) return value.map((item) => `<member>${render(item)}</member>`).join('');
  return Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .map(([name, v]) => `<${name}>${render(v)}</${name}>`)
    .join('');
}

function isList(
  value: XmlTree | readonly XmlTree[] | readonly string[],
): value is readonly XmlTree[] | readonly string[] {
  return Array.isArray(value);
}

const entities: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (c) => entities[c] ?? c);
}
