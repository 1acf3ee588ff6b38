import type { Detector } from '../../domain/intake/key-material';

/** One find, for people: where, what it looks like, how long. Never what it is. */
export interface Found {
  readonly file: string;
  /** Of a mail; `null`: the file itself. */
  readonly part: string | null;
  /** From 1. */
  readonly line: number;
  readonly detector: Detector;
  /** Characters; bytes of a binary file. */
  readonly length: number;
}

/** Something that couldn't be looked into. */
export interface Unread {
  readonly file: string;
  readonly part: string | null;
  readonly why: string;
}

export interface Scanned {
  readonly found: Found[];
  readonly unread: Unread[];
}
