import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Browser } from 'playwright-core';
import type { Client } from '../../api/client';
import { type Part, stopParts } from '../../scripts/parts/process';
import { removeState } from '../../scripts/parts/state';
import { bootOnFreePorts } from '../../scripts/story/boot-on-free-ports';
import { supportClient, tokenFile } from '../../scripts/story/cast';
import { patiently } from '../../scripts/story/patiently';
import type { Services } from '../../scripts/story/services';
import { until } from '../../scripts/story/until';
import { activationId, WORKFLOW_TYPES } from '../../workflows/contract';
import { optional } from '../harness/optional';
import { chromiumOf, launch } from './web-ui/chromium';
import { Reader } from './web-ui/reader';

const executable = chromiumOf(process.env);
const ACME = activationId('acme' as Parameters<typeof activationId>[0]);
const LEAKY = 'activation/leaky';

optional(
  'the Temporal Web UI in a browser',
  executable === null ? 'have chromium on PATH or in SMSK_CHROMIUM' : null,
  () => {
    const parts: Pick<Part, 'stop'>[] = [];
    let stateDir: string;
    let services: Services;
    let support: Client;
    let browser: Browser;

    beforeAll(async () => {
      stateDir = mkdtempSync(join(tmpdir(), 'smsk-ui-'));
      // PostgreSQL may run as another account than ours and has to walk through it.
      chmodSync(stateDir, 0o711);
      const options = { stateDir, durable: false, sealingOverMs: 1_000, say: () => undefined };
      services = await bootOnFreePorts(options, parts);
      support = await supportClient(stateDir, services);
      await patiently(() => support.createOrganization('acme'));
      await until(support, 'acme', 'platform custody', ({ custody }) => custody !== null);
      browser = await launch(executable ?? '');
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await stopParts(parts);
      removeState(stateDir);
    });

    /** A browser of its own, with no session and no settings. */
    const reader = async (): Promise<Reader> =>
      new Reader(await browser.newPage(), services.temporalUi, services.api);

    test('the form starts an activation; payloads stay sealed to whoever hasn’t signed in', async () => {
      const stranger = await reader();
      await stranger.start(WORKFLOW_TYPES.activateCustomerKey, ACME, { organization: 'acme' });
      await until(support, 'acme', 'the activation', ({ operation }) => operation !== null);
      await stranger.open(ACME);
      await stranger.says('Codec Server could not connect');
      expect(await stranger.shows('"organization"')).toBe(false);
    }, 90_000);

    test('signed in, with the settings that the page asks for, they can be read', async () => {
      const sam = await reader();
      const page = await sam.signIn(readFileSync(tokenFile(stateDir, 'support'), 'utf8').trim());
      expect(page).toContain('sam-of-support (support)');
      expect(page).toContain(`${services.api}/codec`);
      await sam.sendCredentials();
      await sam.open(ACME);
      await sam.says('"organization"');
      expect(await sam.shows('could not connect')).toBe(false);
      // Summaries are in our words.
      await sam.says('check the signed order');
    }, 90_000);

    test('inv07: a key typed into the form is refused in our words, and is nowhere afterwards', async () => {
      const key = randomBytes(32).toString('hex');
      const sam = await reader();
      await sam.signIn(readFileSync(tokenFile(stateDir, 'support'), 'utf8').trim());
      await sam.sendCredentials();
      await sam.start(WORKFLOW_TYPES.activateCustomerKey, LEAKY, { organization: key });
      await sam.open(LEAKY);
      await sam.says('RAW_KEY_MATERIAL: The field holds something that looks like key material');
      await sam.says('Not kept: this looked like key material (input/organization: hex-key, 64 characters).');
      expect(await sam.shows(key)).toBe(false);

      const connection = await Connection.connect({ address: services.temporalAddress });
      try {
        const { history } = await connection.workflowService.getWorkflowExecutionHistory({
          namespace: 'default',
          execution: { workflowId: LEAKY },
        });
        const stored = JSON.stringify(history);
        expect(stored).toContain('RAW_KEY_MATERIAL');
        for (const form of [key, Buffer.from(key).toString('base64').slice(0, 40)])
          expect(stored).not.toContain(form);
      } finally {
        await connection.close();
      }
    }, 90_000);
  },
);
