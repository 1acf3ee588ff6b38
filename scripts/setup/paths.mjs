import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What was fetched or built once and is good for every run. `up --fresh` leaves it alone. */
export const cache = join(root, '.smsk', 'cache');
