import { wordOf } from './provider-record';

const MOST_TOLD = 20;
const MOST_PATH = 4096;

/** Where in an export something couldn't be read, and why; of what is there, nothing. */
export class Unread {
  count = 0;
  readonly places: { readonly file: string; readonly line: number; readonly why: string }[] = [];

  add(file: string, line: number, why: string): void {
    this.count += 1;
    if (this.places.length < MOST_TOLD) this.places.push({ file: wordOf(file, MOST_PATH), line, why });
  }
}
