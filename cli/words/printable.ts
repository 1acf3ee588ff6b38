/** Control characters but line feed and tab, and what turns a line's direction around. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Words from a server as a terminal may get them: nothing moves the cursor, changes colours or turns a line around. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');
