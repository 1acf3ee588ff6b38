/** What of a pino logger the store uses. */
export interface Logger {
  warn(fields: object, text: string): void;
}
