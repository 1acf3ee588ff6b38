import { provideTestServer } from './services';

// jest awaits it, and wants a function that says so.
export default async function setUp(): Promise<void> {
  provideTestServer();
}
