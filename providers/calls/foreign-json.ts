/** What a text from outside is as JSON; `undefined` for one that isn't: the parser's message would quote it. */
export function foreignJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
