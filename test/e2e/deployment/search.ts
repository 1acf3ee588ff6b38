/** Everything that was ever kept or said, flattened to texts of one byte a character, and what to look for in it. */
export class Haystack {
  readonly #texts: { readonly where: string; readonly text: string }[] = [];

  /** Any value: every string, byte array and member name in it, however deep. */
  add(where: string, value: unknown): void {
    if (value === null || value === undefined) return;
    if (typeof value === 'string') {
      this.#texts.push({ where, text: Buffer.from(value).toString('latin1') });
    } else if (value instanceof Uint8Array || ArrayBuffer.isView(value)) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#texts.push({ where, text: bytes.toString('latin1') });
    } else if (value instanceof Error) {
      // `cause` and all own members, also those that aren't enumerable.
      for (const name of [...Object.getOwnPropertyNames(value), 'cause', 'stack']) {
        this.add(where, (value as unknown as Record<string, unknown>)[name]);
      }
    } else if (Array.isArray(value)) {
      for (const each of value) this.add(where, each);
    } else if (typeof value === 'object') {
      for (const [name, member] of Object.entries(value)) {
        this.#texts.push({ where, text: name });
        this.add(where, member);
      }
    }
  }

  /** Where any of the needles is. */
  find(needles: readonly string[]): string[] {
    return this.#texts.flatMap(({ where, text }) => {
      const lower = text.toLowerCase();
      const found = needles.filter((needle) => text.includes(needle) || lower.includes(needle));
      return found.map((needle) => `${where}: ${printable(text, needle)}`);
    });
  }
}

/** A little around it, for whoever has to find out how it got there. */
function printable(text: string, needle: string): string {
  const at = Math.max(0, text.indexOf(needle));
  return text.slice(Math.max(0, at - 60), at + 100).replace(/[^ -~]/g, '.');
}

/** The bytes as themselves, hex, base64 and base64url, also where they begin in the middle of something encoded. */
export function formsOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const encoded = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), buffer]).toString('base64');
    // What depends on the neighbours goes: the characters that the bytes before and after have a part in.
    const core = text
      .slice(offset === 0 ? 0 : offset + 1)
      .replace(/=+$/, '')
      .slice(0, -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [buffer.toString('latin1'), buffer.toString('hex'), ...encoded];
}
