import type { Logger } from '../../../runtime/logging';
import { createLogger } from '../../../runtime/logging';

/** The processes' own logger, its lines kept instead of printed. */
export class Log {
  readonly lines: string[] = [];
  readonly logger: Logger;

  constructor(process: string) {
    this.logger = createLogger(process, 'debug', { write: (line: string) => void this.lines.push(line) });
  }

  /** Lines as objects that have all these members. */
  having(members: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
    return this.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => Object.entries(members).every(([name, value]) => line[name] === value));
  }
}
