import { providePostgres } from './services';

export default providePostgres;
