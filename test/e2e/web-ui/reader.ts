import type { Page } from 'playwright-core';
import { TASK_QUEUES } from '../../../workflows/contract';

/** A net for a busy machine, for each thing that a page is asked for. */
const WITHIN_MS = 30_000;

/** A person at the Temporal Web UI, who does what our pages say. */
export class Reader {
  constructor(
    readonly page: Page,
    private readonly ui: string,
    private readonly api: string,
  ) {
    page.setDefaultTimeout(WITHIN_MS);
  }

  async open(workflowId: string): Promise<void> {
    await this.page.goto(`${this.ui}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`);
    await this.page.getByRole('heading', { name: workflowId }).waitFor();
  }

  /** @returns what the page says of the settings that the Web UI needs */
  async signIn(token: string): Promise<string> {
    const { page } = this;
    await page.goto(`${this.api}/codec/sign-in`);
    await page.getByLabel('API token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Signed in as').waitFor();
    return (await page.locator('main').textContent()) ?? '';
  }

  /** As the sign-in page tells: the development server can't preset that credentials are sent. */
  async sendCredentials(): Promise<void> {
    const { page } = this;
    await page.goto(`${this.ui}/namespaces/default/workflows`);
    await page.locator('[data-testid^=data-encoder-status]').click();
    const settings = page.getByRole('dialog').filter({ hasText: 'Codec Server' });
    await settings.getByText('Use my browser setting').click();
    await settings.locator('textarea').fill(`${this.api}/codec`);
    await settings.getByText('Include cross-origin credentials').click();
    await settings.getByRole('button', { name: 'Apply' }).click();
    await settings.waitFor({ state: 'hidden' });
  }

  /** Through the form, from anybody's browser. */
  async start(workflowType: string, workflowId: string, input: object): Promise<void> {
    const { page } = this;
    await page.goto(`${this.ui}/namespaces/default/workflows/start-workflow`);
    await page.locator('#workflowId').fill(workflowId);
    await page.locator('#taskQueue').fill(TASK_QUEUES.custody);
    await page.locator('#workflowType').fill(workflowType);
    await page.getByRole('textbox', { name: 'Data' }).click();
    await page.keyboard.insertText(JSON.stringify(input));
    const button = page.getByRole('button', { name: 'Start Workflow', exact: true });
    // By keyboard: the first click of a mouse only takes the editor its focus.
    await button.focus();
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/api/v1/') && isPost(response.request())),
      page.keyboard.press('Enter'),
    ]);
    if (!answer.ok()) throw new Error(`the Web UI’s server answered ${answer.status()}`);
  }

  /** Resolves once the page says it. */
  says(text: string): Promise<void> {
    return this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async shows(text: string): Promise<boolean> {
    return (await this.page.getByText(text).filter({ visible: true }).count()) > 0;
  }
}

const isPost = (request: { method(): string }): boolean => request.method() === 'POST';
