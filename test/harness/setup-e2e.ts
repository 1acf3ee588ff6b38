import { providePostgres, provideTemporal, provideTestServer, provideWorkflowBundle } from './services';

export default async function setUp(): Promise<void> {
  provideTestServer();
  await Promise.all([providePostgres(), provideTemporal(), provideWorkflowBundle()]);
}
