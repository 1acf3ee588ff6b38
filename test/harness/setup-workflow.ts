import { provideTestServer, provideWorkflowBundle } from './services';

export default async function setUp(): Promise<void> {
  provideTestServer();
  await provideWorkflowBundle();
}
