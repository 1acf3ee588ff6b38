// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it's for.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Words from a server as a terminal may get them: nothing moves the cursor, changes colours or turns a line around. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');
